"""Rows of a farm, and the ways in which people write them as a table or as objects."""

from dataclasses import dataclass, field
from fractions import Fraction

# What one of a unit is in the smallest unit of its kind.
UNITS = {
    "g": 1, "kg": 1000, "t": 10**6, "mg": Fraction(1, 1000), "lb": Fraction("453.59237"), "oz": Fraction("28.349523125"),
    "ml": 1, "l": 1000, "m3": 10**6, "cm2": 1, "m2": 10**4, "ct": 1, "eur": 100, "jpy": 1,
}  # fmt: skip
MEASURED = {"live_weight_out": "g", "feed": "g", "feed_left": "g", "water": "ml", "weights": "g", "egg_mass": "g", "area": "cm2", "cost": "minor"}


@dataclass
class Writing:
    """How a table is written: columns are (field, header, unit)."""

    columns: list[tuple[str, str, str | None]]
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    end: str = "\n"
    head: str = ""
    tail: str = ""
    date: str = "{0}-{1}-{2}"
    missing: str = ""
    between: str = " "
    kept: dict = field(default_factory=dict)

    def table(self, rows: list[dict]) -> str:
        lines = [self.delimiter.join(self.quoted(header) for _, header, _ in self.columns)]
        lines += [self.delimiter.join(self.quoted(self.cell(row, *column)) for column in self.columns) for row in rows]
        return self.head + self.end.join(lines) + self.end + self.tail

    def quoted(self, cell: str) -> str:
        return '"' + cell.replace('"', '""') + '"' if any(mark in cell for mark in (self.delimiter, '"', "\n")) else cell

    def cell(self, row: dict, name: str, _: str, unit: str | None) -> str:
        value = row.get(key(name))
        match value:
            case None:
                return self.missing
            case str() if name == "date":
                return self.date.format(*value.split("-"))
            case str():
                return value
            case list():
                return self.between.join(self.number(one, unit) for one in value)
        return self.number(value, unit)

    def number(self, value: int, unit: str | None) -> str:
        amount = Fraction(value) / UNITS[unit] if unit else Fraction(value)
        text = decimal(amount)
        whole, _, rest = text.partition(".")
        if self.thousands:
            whole = f"{int(whole):,}".replace(",", self.thousands)
        return whole + (self.decimal + rest if rest else "")


def key(name: str) -> str:
    """The name of a field with its smallest unit."""
    return f"{name}_{MEASURED[name]}" if name in MEASURED else name


def decimal(amount: Fraction) -> str:
    """As a decimal that ends, or else with nine places."""
    text = f"{float(amount):.9f}" if amount.denominator > 1 else str(amount.numerator)
    assert abs(Fraction(text) - amount) < Fraction(1, 10**8), amount
    return text.rstrip("0").rstrip(".") if "." in text else text


def days(rows: list[dict], at) -> dict[int, dict]:
    """The days that rows tell; `at` gives the day of a row."""
    told: dict[int, dict] = {}
    for row in rows:
        day = told.setdefault(at(row), {})
        for name, value in row.items():
            if name in ("batch", "species", "date", "day", "week") or value is None:
                continue
            day[name] = day[name] + value if name in day else value
    return told
