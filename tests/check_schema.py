#!/usr/bin/env python3
"""check_schema.py [folder]: demands that every vector file fits tests/schema, which says in JSON Schema what docs/conformance.md says in words."""

import json
import sys
from pathlib import Path

from jsonschema import Draft202012Validator

HERE = Path(__file__).parent


def main(folder: Path) -> int:
    schema = json.loads((HERE / "schema" / "gatewright-vectors-1.schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    files = sorted(folder.rglob("*.json"))
    faults = [
        f"{file.relative_to(folder)} at {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        for file in files
        for error in validator.iter_errors(json.loads(file.read_text()))
    ]
    print("\n".join(faults) or f"{len(files)} files fit the schema")
    return 1 if faults or not files else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "vectors"))
