"""Puts the printed tables of the benches into docs/benchmarks.md, between the markers of each."""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path


def processor() -> str:
    """The processor's name, where the system says it."""
    info = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.+)", info.read_text()) if info.exists() else None
    return found.group(1) if found else platform.machine()


def block(name: str, results: Path) -> str:
    """One bench: when it ran, how loaded the machine was, and what it printed."""
    day, load = (results / f"{name}.when").read_text().splitlines()
    printed = re.sub(r"\x1b\[[0-9;]*m", "", (results / f"{name}.txt").read_text()).strip("\n")
    rustc = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    where = f"{day}, {os.cpu_count()} cores of {processor()}, {load} (1, 5, 15 min), {rustc}"
    return f"<!-- {name} -->\n{where}\n\n```text\n{printed}\n```\n<!-- /{name} -->"


def main() -> None:
    """Replaces the blocks of the benches that have run; the others stay as they are."""
    results, page = Path(sys.argv[1]), Path(sys.argv[2])
    text = page.read_text()
    for printed in sorted(results.glob("*.txt")):
        name = printed.stem
        pattern = re.compile(rf"<!-- {name} -->.*?<!-- /{name} -->", re.DOTALL)
        if not pattern.search(text):
            sys.exit(f"{page} has no place for {name}")
        text = pattern.sub(lambda _, name=name: block(name, results), text)
    page.write_text(text)


main()
