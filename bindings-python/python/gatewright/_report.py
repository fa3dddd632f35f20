"""`kpi.report` and the program `gatewright`."""

from __future__ import annotations

from gatewright import errors
from gatewright._core import kpi as native

# As in `errors`: `typing` is for type checkers.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Protocol

    from gatewright._core.kpi import Report

    class Frame(Protocol):
        """A table of pandas or polars: `to_dict` or `to_dicts` gives its rows."""

        @property
        def columns(self) -> object: ...


def report(
    rows: Iterable[Mapping[str, object]] | Frame | str | bytes, targets: Mapping[str, object] | None = None
) -> Report:
    r"""Report on the batches of a farm: figures, targets, plots and ranking.

    A row is a day, a week or an event of a batch, with names and units as the columns of a table: `batch`, `date`,
    `day` or `week`, `placed`, `dead`, `culled`, `sold`, `live_weight_out_kg`, `feed_kg`, `weights_g` and so on. A cell
    is a number, a text, a date, a list of weights, or `None` for what is missing. A frame of pandas or polars gives its
    rows; what it holds for missing is missing. What cannot be read is listed in the report, and the rest is
    computed. A `str`, or the `bytes` of a file, is a table (CSV), as the program reads it:
    problems then have the line and column of the table. `targets` has the form of a targets file::

        rows = [
            {"batch": "A1", "day": 0, "placed": 1000, "dead": 5, "feed_kg": 20, "weights_g": [42, 43, 41]},
            {"batch": "A1", "day": 35, "sold": 990, "live_weight_out_kg": 2178, "feed_kg": 3200},
        ]
        page = kpi.report(rows, {"figures": {"survival.v1": {"value": 0.97, "unit": "fraction"}}}).to_html()
        page = kpi.report("batch,day,placed,dead,feed_kg\nA1,0,1000,5,20\n").to_html()

    Errors are `kpi_bad_row` for a measure without a unit, a table without a batch, or targets that are none, and
    `kpi_unit_mismatch` for a target in another unit than its figure.
    """
    import json

    try:
        wanted = None if targets is None else json.dumps(dict(targets), default=_cell, allow_nan=False)
        if isinstance(rows, str):
            rows = rows.encode()
        given = rows if isinstance(rows, bytes) else _written(rows)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"rows are mappings of names to numbers, texts, dates and lists: {error}"
        raise errors.InvalidArgument(msg) from None
    return native.report_csv(given, wanted) if isinstance(given, bytes) else native.report_json(given, wanted)


def _written(rows: Any) -> str:
    """Write rows as JSON. Of a list, NaN is refused: only a frame says that its NaN is a value that is missing."""
    import json

    if hasattr(rows, "to_dicts"):
        rows = rows.to_dicts()
    elif hasattr(rows, "columns"):
        # Where pandas misses a value, numbers are doubles with NaN and dates NaT.
        rows = rows.astype(object).where(rows.notna(), None).to_dict("records")
    return json.dumps([dict(row) for row in rows], default=_cell, allow_nan=False)


def _cell(value: object) -> object:
    """Make of what JSON does not know what a table would have: arrays are lists, dates and decimals their text."""
    to_list = getattr(value, "tolist", None) or getattr(value, "to_list", None)
    return to_list() if callable(to_list) else str(value)


def main() -> int:
    """Run the program `gatewright`: the console script of the wheel."""
    import sys

    return native.run_program(sys.argv)
