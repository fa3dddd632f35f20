"""What is printed: colours, if they are wanted, and tables whose columns line up."""

import os
import sys

CODES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


def wants_colour() -> bool:
    """On a terminal, or where FORCE_COLOR asks for it; never where NO_COLOR is set."""
    if os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR", "0") != "0":
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


COLOUR = wants_colour()


def paint(text: str, *styles: str) -> str:
    """The text, in colour."""
    if not COLOUR or not styles or not text.strip():
        return text
    return f"\x1b[{';'.join(CODES[style] for style in styles)}m{text}\x1b[0m"


def fit(text: str, width: int, *styles: str) -> str:
    """The text in colour, with spaces up to a width."""
    return paint(text, *styles) + " " * (width - len(text))


def say(text: str = "") -> None:
    """Print a line, at once."""
    print(text, flush=True)


Cell = tuple[str, tuple[str, ...]]
"""A text and its styles."""


def table(head: list[str], rows: list[list[Cell]]) -> None:
    """Print rows below their heads; each column is as wide as its widest cell."""
    cells = [[(text, ("dim",)) for text in head], *rows]
    widths = [max(len(row[column][0]) for row in cells) for column in range(len(head))]
    for row in cells:
        say("  " + "".join(fit(text, width + 3, *styles) for (text, styles), width in zip(row, widths, strict=True)).rstrip())
