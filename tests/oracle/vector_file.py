"""Writes vector files, one test a line, and compares them with what is committed."""

import json
from pathlib import Path

VECTORS = Path(__file__).parent.parent / "vectors"


def line(value) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(", ", ": "))


class Group:
    """Tests of one type. Ids are (place of the group in its file) × 1000 + (place in the group): adding at the end moves none."""

    def __init__(self, place: int, kind: str, members: dict):
        self.place, self.members, self.tests = place, {"type": kind, **members}, []

    def test(self, comment: str, flags: list[str], result: str, **members):
        number = self.place * 1000 + len(self.tests) + 1
        self.tests.append({"tcId": number, "comment": comment, "flags": flags, **members, "result": result})

    def outcome(self, comment: str, flags: list[str], code: str, **members):
        """A test that is refused with `code`, or valid where that is empty."""
        if code:
            members.pop("expect", None)
            members["code"] = code
        self.test(comment, flags, "invalid" if code else "valid", **members)


class VectorFile:
    def __init__(self, path: str, notes: dict):
        self.path, self.notes, self.groups = VECTORS / path, notes, []

    def group(self, kind: str, **members) -> Group:
        self.groups.append(Group(len(self.groups) + 1, kind, members))
        return self.groups[-1]

    def text(self) -> str:
        count = sum(len(group.tests) for group in self.groups)
        used = {flag for group in self.groups for test in group.tests for flag in test["flags"]}
        assert used == set(self.notes), (self.path, used ^ set(self.notes))
        lines = [f'{{"schema": "gatewright-vectors-1", "numberOfTests": {count},', f' "notes": {line(self.notes)},', ' "testGroups": [']
        for at, group in enumerate(self.groups):
            head = "".join(f"{line(name)}: {line(value)},\n    " for name, value in group.members.items())
            tests = ",\n      ".join(line(test) for test in group.tests)
            comma = "," if at + 1 < len(self.groups) else ""
            lines.append(f"  {{ {head}\"tests\": [\n      {tests} ] }}{comma}")
        return "\n".join(lines) + "\n ] }\n"

    def write(self):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.text())

    def changes(self) -> list[str]:
        """Committed tests that would change or go; an added test is no change."""
        if not self.path.exists():
            return []
        now, then = json.loads(self.text()), json.loads(self.path.read_text())
        found = []
        for at, old in enumerate(then["testGroups"]):
            new = now["testGroups"][at] if at < len(now["testGroups"]) else {"tests": []}
            tests = {test["tcId"]: test for test in new["tests"]}
            head = {name: value for name, value in old.items() if name != "tests"}
            if head != {name: value for name, value in new.items() if name != "tests"}:
                found.append(f"{self.path.name}: group {at}")
            found += [f"{self.path.name}: tcId {test['tcId']}" for test in old["tests"] if tests.get(test["tcId"]) != test]
        return found
