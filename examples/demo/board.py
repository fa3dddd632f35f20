"""Who said what: each verdict beside the one that was expected, and the table at the end."""

from screen import Cell, say, table
from workers import LANGUAGES

NOT_ASKED: Cell = ("·", ("dim",))


class Board:
    """The verdicts by language and column; `parts` names the parts of the table and their columns."""

    def __init__(self, parts: dict[str, list[str]]) -> None:
        self.parts = parts
        self.cells: dict[tuple[str, str], Cell] = {}
        self.faults: list[str] = []
        self.count = 0

    def note(self, language: str, column: str, got: str, expected: str) -> Cell:
        """Judge a verdict and keep it for the table."""
        self.cells[language, column] = cell = self.judge(f"{language}, {column}", got, expected)
        return cell

    def judge(self, what: str, got: str, expected: str) -> Cell:
        """Compare what was said with what was expected."""
        self.count += 1
        if got == expected:
            return got, ("green",)
        self.faults.append(f"{what}: {got}, expected {expected}")
        return f"{got} ≠ {expected}", ("red", "bold")

    def show(self) -> None:
        """Print all verdicts, a row for each language."""
        for part, columns in self.parts.items():
            rows = [[(language, ("bold",)), *(self.cells.get((language, name), NOT_ASKED) for name in columns)] for language in LANGUAGES]
            table([part, *columns], rows)
            say()
