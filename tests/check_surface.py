#!/usr/bin/env python3
"""check_surface.py [--built]: demands that tests/surface.toml and what the four languages offer say the same, both ways.

It reads sources: Rust, Python's stubs, TypeScript, Kotlin. With `--built` it also asks the packages: `dir()` of the installed
Python module, and Node's `.d.ts`.
"""

import ast
import importlib
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
LANGUAGES = ("rust", "python", "node", "kotlin")
# Whose members are the surface. Plain data that goes in (`Login`, `Refresh`, …) is built as each language builds such things.
TYPES = ("Gate", "Tokens", "Sessions", "Epochs", "Webhooks", "Verified", "Checked", "TokenPair", "Claims", "Event")
TYPES += ("Idempotency", "Execute", "Resume", "Replay", "Guard", "IdempotencyGuard", "Step", "Checkpoint", "Response")
TYPES += ("Limits", "Lockout", "Permit", "Attempt", "LocalLimit", "Decision", "Binding", "TierDecision")
# `KpiResult` is Kotlin's `Kpi`, whose own name the functions have.
ACCUMULATORS = ("Moments", "FloatMoments", "Histogram")
TYPES += ("Kpi", "KpiResult", "Summary", "Norms", "Ranked", "HistogramSnapshot", *ACCUMULATORS)
TEST_TYPES = ("ManualClock", "TestHost")

Surface = set[str]


def rust() -> Surface:
    source = ROOT / "core/src"
    files = [*(source / "gate").glob("*.rs"), source / "tokens/types.rs", source / "event.rs", source / "testing.rs"]
    files += [source / "webhook/types.rs", source / "webhook/verified.rs", source / "http/response.rs"]
    files += [source / "idempotency/guard.rs", source / "idempotency/record.rs"]
    files += [source / "limits/decision.rs", source / "limits/lockout/attempt.rs"]
    files += [*(source / "kpi").glob("*.rs"), *(source / "kpi/moments").glob("*.rs")]
    found: Surface = set()
    for file in files:
        for head, body in blocks(file.read_text(), r"(?:impl|pub struct)(?:<[^>]*>)? ([^{]*?)(?:<'\w+>)?"):
            if head in TYPES + TEST_TYPES:
                members = r"^    pub (?:const |async )*fn (\w+)" if "fn " in body else r"^    pub (\w+):"
                found |= {f"{head}::{name}" for name in re.findall(members, body, re.MULTILINE)}
    figures = re.findall(r"^pub use \w+::\{?([^;}]*)", (source / "kpi/mod.rs").read_text(), re.MULTILINE)
    found |= {f"kpi::{name}" for names in figures for name in names.split(", ") if name.islower()}
    constructors = {f"{name}::new" for name in ("ManualClock", "Response", *ACCUMULATORS)}
    return found - constructors - {"Response::header"}


def python() -> Surface:
    package = ROOT / "bindings-python/python/gatewright"
    found = python_folder(package / "_core", TYPES) | set(python_classes(package / "testing/clock.py", TEST_TYPES))
    tree = ast.parse((package / "testing/__init__.py").read_text())
    found |= {f"testing.{node.name}" for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")}
    (exported,) = re.findall(r"^__all__ = \[(.*?)\]", (package / "kpi.py").read_text(), re.MULTILINE | re.DOTALL)
    return found | {f"kpi.{name}" for name in re.findall(r'"(\w+)"', exported) if name.islower()}


def python_folder(folder: Path, names: Iterable[str]) -> Surface:
    """The same of all modules of a folder."""
    return {member for file in folder.glob("*.py*") for member in python_classes(file, names)}


def python_classes(file: Path, names: Iterable[str]) -> Iterator[str]:
    """The methods, properties and attributes of classes."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.ClassDef) and node.name in names:
            members = {member.name for member in node.body if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef)}
            for inner in ast.walk(node):
                if isinstance(inner, ast.Attribute) and isinstance(inner.ctx, ast.Store) and ast.unparse(inner.value) == "self":
                    members.add(inner.attr)
            yield from (f"{node.name}.{name}" for name in members if not name.startswith("_"))


def python_installed() -> Surface:
    """What `dir()` shows of the installed package."""
    module = importlib.import_module("gatewright")
    testing = importlib.import_module("gatewright.testing")
    found: Surface = set()
    for name in TYPES:
        kind = getattr(module, name, getattr(module.kpi, name, None))
        found |= {f"{name}.{member}" for member in dir(kind) if not member.startswith("_")}
    found |= {f"kpi.{name}" for name in module.kpi.__all__ if name.islower()}
    found |= {f"ManualClock.{member}" for member in dir(testing.ManualClock) if not member.startswith("_")}
    return found | {f"testing.{name}" for name in testing.__all__ if name[0].islower() and callable(getattr(testing, name))}


def node(folder: Path, ending: str, indent: str) -> Surface:
    found: Surface = set()
    files = [*folder.glob(f"*{ending}"), *folder.glob(f"kpi/*{ending}")]
    # The modules of figures whose functions leave the package.
    index = (folder / f"kpi/index{ending}").read_text()
    figures = {*re.findall(r'export \* from "\./(\w+)\.js"', index), *re.findall(r'\breport\b.* from "\./(\w+)\.js"', index)}
    for file in files:
        text = re.sub(r"\n *(?:/\*\*|\*)[^\n]*@internal[^\n]*\n[^\n]*", "", file.read_text())
        for head, body in blocks(text, r"(?:export )?(?:declare )?(?:abstract )?(?:class|interface) (\w+)[^{]*?"):
            # What all of them have is written once.
            for kind in ACCUMULATORS if head == "Accumulator" else {head}.intersection(TYPES + TEST_TYPES):
                names = re.findall(
                    rf"^{indent}(?:static |async |get |declare |readonly )*([a-zA-Z]\w*)(?:<[^>]*>)?[(:]", body, re.MULTILINE
                )
                found |= {f"{kind}.{name}" for name in names if name != "constructor"}
        if file.stem.removesuffix(".d") == "testing":
            functions = re.findall(r"^export (?:declare )?(?:async )?function (\w+)", text, re.MULTILINE)
            found |= {f"testing.{name}" for name in functions}
        if file.parent.name == "kpi" and file.stem.removesuffix(".d") in figures:
            found |= {f"kpi.{name}" for name in re.findall(r"^export (?:declare )?(?:function|const) (\w+)", text, re.MULTILINE)}
    # The host of a gate under test is plain data here.
    return {name for name in found if not name.startswith("TestHost.")}


def kotlin() -> tuple[Surface, list[str]]:
    """The surface without the `…Blocking` twins, and what is wrong with the twins."""
    found: Surface = set()
    suspending: Surface = set()
    source = ROOT / "bindings-kotlin/gatewright-jvm/src/main/kotlin/io/github/gatewright"
    member = r"^ *(?:public|override) (suspend )?(?:fun|val) (?:<\w+> )?(\w+)"
    for file in source.rglob("*.kt"):
        text = file.read_text()
        # Also those inside of a class, sealed or not; what a constructor makes public is a member too.
        for head, constructor, body in kotlin_classes(text):
            if head in TYPES + TEST_TYPES:
                found |= {f"{head}.{name}" for name in re.findall(r"public val (\w+)", constructor)}
                body = re.sub(r"^    public (?:fun interface|class) .*?^    }$", "", body, flags=re.MULTILINE | re.DOTALL)
                for suspends, name in re.findall(member, body, re.MULTILINE):
                    found.add(f"{head}.{name}")
                    suspending |= {f"{head}.{name}"} if suspends else set()
        # `Kpi` inherits its functions from one interface a page.
        for _, body in blocks(text, r"public (?:sealed interface|object) (Kpi\w*)[^{]*?"):
            found |= {f"Kpi.{name}" for _, name in re.findall(member, body, re.MULTILINE)}
        if file.parent.name == "testing":
            functions = re.findall(r"^public (?:suspend )?fun (?:Gate\.)?(\w+)", text, re.MULTILINE)
            found |= {f"testing.{name}" for name in functions}
    found = {name for name in found if name.split(".")[1] not in ("equals", "hashCode", "toString")}
    twins = {name for name in found if name.endswith("Blocking")}
    wanted = {f"{name}Blocking" for name in suspending if not name.startswith("TestHost.")}
    faults = [f"kotlin: {name} is missing for Java" for name in sorted(wanted - twins)]
    faults += [f"kotlin: {name} is the twin of nothing" for name in sorted(twins - wanted)]
    return found - twins, faults


def kotlin_classes(text: str) -> Iterator[tuple[str, str, str]]:
    """Name, constructor and body of each class, and of those inside of it."""
    for _, head, constructor, body in re.findall(r"^( *)public class (\w+)([^{]*?) *\{\n(.*?)^\1}", text, re.MULTILINE | re.DOTALL):
        yield head, constructor, body
        yield from kotlin_classes(body)


def blocks(text: str, head: str) -> Iterator[tuple[str, str]]:
    """Top-level blocks: what `head` captures, and the text up to the brace that closes it in the first column."""
    for match in re.finditer(rf"^{head} *{{\n(.*?)^}}", text, re.MULTILINE | re.DOTALL):
        yield match[1].strip(), match[2]


def listed(table: dict[str, dict[str, dict[str, str | dict[str, str]]]]) -> tuple[dict[str, Surface], list[str]]:
    names: dict[str, Surface] = {language: set() for language in LANGUAGES}
    faults = []
    for group, calls in table.items():
        for call, row in calls.items():
            if tuple(row) != LANGUAGES:
                faults.append(f"surface.toml: {group}.{call} must have {', '.join(LANGUAGES)}, in this order")
                continue
            for language, name in row.items():
                if isinstance(name, str):
                    names[language].add(name)
                elif list(name) != ["absent"] or len(name["absent"]) < 10:
                    faults.append(f"surface.toml: {group}.{call}.{language} must be a name, or say why it is absent")
            if not any(isinstance(name, str) for name in row.values()):
                faults.append(f"surface.toml: {group}.{call} is nowhere")
    return names, faults


def compare(what: str, offered: Surface, names: Surface) -> list[str]:
    missing = [f"{what}: {name} is listed in surface.toml and not there" for name in sorted(names - offered)]
    return missing + [f"{what}: {name} is there and not listed in surface.toml" for name in sorted(offered - names)]


def main(built: bool) -> int:
    names, faults = listed(tomllib.loads((ROOT / "tests/surface.toml").read_text()))
    in_kotlin, twins = kotlin()
    faults += twins
    faults += compare("rust", rust(), names["rust"])
    faults += compare("python, stubs", python(), names["python"])
    faults += compare("node, sources", node(ROOT / "bindings-node/ts", ".ts", "  "), names["node"])
    faults += compare("kotlin", in_kotlin, names["kotlin"])

    # What must await is written by hand in Python: it offers what the other gate offers.
    package = ROOT / "bindings-python/python/gatewright"
    asynchronous = ("Gate", "Tokens", "Sessions", "Epochs", "Webhooks", "Verified", "Idempotency", "Step")
    asynchronous += ("Limits", "Lockout", "Attempt")
    plain = python_folder(package / "_core", asynchronous)
    faults += compare("python, aio", python_folder(package / "aio", asynchronous), plain)

    if built:
        faults += compare("python, installed", python_installed(), names["python"])
        faults += compare("node, .d.ts", node(ROOT / "bindings-node/dist", ".d.ts", "    "), names["node"])

    count = ", ".join(f"{language} {len(names[language])}" for language in LANGUAGES)
    print("\n".join(faults) or f"the surface is as listed: {count} names")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(built="--built" in sys.argv[1:]))
