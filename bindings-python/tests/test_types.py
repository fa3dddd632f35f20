"""The types, as their readers see them: mypy, pyright, and stubtest on the installed module."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "command",
    [
        ["mypy", "python", "tests", "../tests/runners/conformance_python.py"],
        ["mypy.stubtest", "gatewright._core", "--mypy-config-file", "pyproject.toml"],
        ["pyright"],
    ],
    ids=lambda command: str(command[0]),
)
def test_the_checkers_are_content(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=PACKAGE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
