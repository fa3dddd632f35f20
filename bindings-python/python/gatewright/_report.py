"""`kpi.report` and the program `gatewright`."""

from __future__ import annotations

from gatewright import errors
from gatewright._core import kpi as native

# As in `errors`: `typing` is for type checkers.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gatewright._core.kpi import Report


def report(rows: Iterable[Mapping[str, object]], targets: Mapping[str, object] | None = None) -> Report:
    """Report on the batches of a farm: figures, targets, plots and ranking.

    A row is a day, a week or an event of a batch, with names and units as the columns of a table: `batch`, `date`,
    `day` or `week`, `placed`, `dead`, `culled`, `sold`, `live_weight_out_kg`, `feed_kg`, `weights_g` and so on. A cell
    is a number, a text, a date, a list of weights, or `None` for what is missing. What cannot be read is listed in the
    report, and the rest is computed. `targets` has the form of a targets file::

        rows = [
            {"batch": "A1", "day": 0, "placed": 1000, "dead": 5, "feed_kg": 20, "weights_g": [42, 43, 41]},
            {"batch": "A1", "day": 35, "sold": 990, "live_weight_out_kg": 2178, "feed_kg": 3200},
        ]
        page = kpi.report(rows, {"figures": {"survival.v1": {"value": 0.97, "unit": "fraction"}}}).to_html()

    Errors are `kpi_bad_row` for a measure without a unit, rows without a batch, or targets that are none, and
    `kpi_unit_mismatch` for a target in another unit than its figure.
    """
    import json

    try:
        text = json.dumps([dict(row) for row in rows], default=_cell)
        wanted = None if targets is None else json.dumps(dict(targets), default=_cell)
    except (TypeError, ValueError, RecursionError) as error:
        msg = f"rows are mappings of names to numbers, texts, dates and lists: {error}"
        raise errors.InvalidArgument(msg) from None
    return native.report_json(text, wanted)


def _cell(value: object) -> object:
    """Make of what JSON does not know what a table would have: arrays are lists, dates and decimals their text."""
    to_list = getattr(value, "tolist", None) or getattr(value, "to_list", None)
    return to_list() if callable(to_list) else str(value)


def main() -> int:
    """Run the program `gatewright`: the console script of the wheel."""
    import sys

    return native.run_program(sys.argv)
