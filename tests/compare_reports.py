#!/usr/bin/env python3
"""compare_reports.py <vectors folder> <report>…: demands that the reports are equal, and complete against the vectors.

Complete means: each file below the folder is there, with an outcome for each of its tests (or as a rejected file in every report).
"""

import json
import sys
from pathlib import Path

# Of two builds every report differs in the same way.
SHOWN = 20


def main(folder: str, paths: list[str]) -> int:
    reports = {Path(path).stem: json.loads(Path(path).read_text()) for path in paths}
    faults = [fault for name, report in reports.items() for fault in incomplete(name, report, Path(folder))]
    (first, reference), *others = reports.items()
    for name, report in others:
        faults += different(first, reference, name, report)
    for fault in faults[:SHOWN]:
        print(fault)
    if len(faults) > SHOWN:
        print(f"… and {len(faults) - SHOWN} more")
    tests = sum(len(outcomes) for outcomes in reference.values())
    print(f"{len(reports)} reports, {len(reference)} files, {tests} tests: {'equal' if not faults else f'{len(faults)} differences'}")
    return 1 if faults or not tests else 0


def incomplete(name: str, report: dict, folder: Path):
    """What a report lacks, or has beyond the vectors."""
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*.json")}
    for file in sorted(files.keys() | report.keys()):
        if file not in report or file not in files:
            yield f"{name}: {file} is only in the {'folder' if file in files else 'report'}"
        elif report[file] == {"file": "rejected"}:
            yield f"{name}: {file} was rejected"
        else:
            vectors = json.loads(files[file].read_text())
            wanted = {str(test["tcId"]) for group in vectors["testGroups"] for test in group["tests"]}
            if wanted != report[file].keys() or len(wanted) != vectors["numberOfTests"]:
                yield f"{name}: {file} has {len(report[file])} outcomes of {vectors['numberOfTests']}"
            for test, outcome in report[file].items():
                if "error" in outcome.split(" "):
                    yield f"{name}: {file} tcId {test} ended in no error of the library"


def different(first: str, reference: dict, name: str, report: dict):
    for file in sorted(reference.keys() & report.keys()):
        for test in sorted(reference[file].keys() | report[file].keys()):
            ours, theirs = reference[file].get(test), report[file].get(test)
            if ours != theirs:
                yield f"{file} tcId {test}: {first} says {ours!r}, {name} says {theirs!r}"


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2:]))
