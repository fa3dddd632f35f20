"""Writes a policy tree as TOML and as JSON, and remembers the line of every member."""

import json

SECTIONS = ("store", "tokens", "webhooks", "idempotency", "limits", "lockout", "http")
TABLE_ARRAYS = ("tokens.signing_keys", "tokens.issuers", "webhooks.endpoints", "idempotency.routes", "limits.policies")


class Literal:
    """Text that is taken as it is, for what the format's own writer would not write."""

    def __init__(self, text: str):
        self.text = text


class Writer:
    def __init__(self):
        self.lines: list[str] = []
        self.at: dict[str, int] = {}

    def line(self, text: str, path: str | None = None):
        self.lines.append(text)
        if path is not None:
            self.at[path] = len(self.lines)

    def mark(self, path: str, value):
        """Everything inside a value that is written on the current line."""
        self.at[path] = len(self.lines)
        if isinstance(value, dict):
            for name, item in value.items():
                self.mark(join(path, name), item)
        if isinstance(value, list):
            for at, item in enumerate(value):
                self.mark(f"{path}[{at}]", item)

    def text(self) -> str:
        return "\n".join(self.lines) + "\n"


def join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def inline(value, equals: str) -> str:
    """On one line; `equals` tells TOML from JSON."""
    if isinstance(value, Literal):
        return value.text
    if isinstance(value, dict):
        key = (lambda name: name) if equals == " = " else json.dumps
        inner = ", ".join(f"{key(name)}{equals}{inline(item, equals)}" for name, item in value.items())
        return "{ " + inner + " }" if inner else "{}"
    if isinstance(value, list):
        return "[" + ", ".join(inline(item, equals) for item in value) + "]"
    return json.dumps(value, ensure_ascii=True)


def tables(value) -> bool:
    return isinstance(value, list) and len(value) > 0 and all(isinstance(item, dict) for item in value)


def toml(tree: dict) -> Writer:
    out = Writer()
    toml_members(out, "", tree)
    for name in SECTIONS:
        if isinstance(tree.get(name), dict):
            section = tree[name]
            own = {key: value for key, value in section.items() if not (join(name, key) in TABLE_ARRAYS and tables(value))}
            if own or not section:
                out.line(f"[{name}]", name)
                toml_members(out, name, own)
            for key, value in section.items():
                if key not in own:
                    for at, item in enumerate(value):
                        path = f"{name}.{key}[{at}]"
                        out.line(f"[[{name}.{key}]]", path)
                        out.at.setdefault(f"{name}.{key}", len(out.lines))
                        out.at.setdefault(name, len(out.lines))
                        toml_members(out, path, item)
    return out


def toml_members(out: Writer, path: str, members: dict):
    for name, value in members.items():
        if path == "" and name in SECTIONS and isinstance(value, dict):
            continue
        member = join(path, name)
        if tables(value):
            out.line(f"{name} = [", member)
            for at, item in enumerate(value):
                out.line(f"  {inline(item, ' = ')},")
                out.mark(f"{member}[{at}]", item)
            out.line("]")
        else:
            out.line(f"{name} = {inline(value, ' = ')}")
            out.mark(member, value)


def json_(tree: dict) -> Writer:
    out = Writer()
    json_value(out, "", tree, "", "", "")
    return out


def json_value(out: Writer, path: str, value, indent: str, before: str, after: str):
    nested = path == "" or path in SECTIONS or path.split("[")[0] in TABLE_ARRAYS
    if isinstance(value, dict) and value and nested:
        out.line(f"{indent}{before}{{", path)
        items = list(value.items())
        for at, (name, item) in enumerate(items):
            json_value(out, join(path, name), item, indent + "  ", f"{json.dumps(name)}: ", "," if at + 1 < len(items) else "")
        out.line(f"{indent}}}{after}")
    elif tables(value):
        out.line(f"{indent}{before}[", path)
        for at, item in enumerate(value):
            json_value(out, f"{path}[{at}]", item, indent + "  ", "", "," if at + 1 < len(value) else "")
        out.line(f"{indent}]{after}")
    else:
        out.line(f"{indent}{before}{inline(value, ': ')}{after}")
        out.mark(path, value)
