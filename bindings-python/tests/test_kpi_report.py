"""The report of a farm from Python, and the program that comes with the wheel."""

import datetime
import json
from decimal import Decimal
from pathlib import Path

import pandas as pd
import polars as pl
import pytest

from gatewright import errors, kpi
from gatewright._core import kpi as native

ROWS = [
    {
        "batch": "A1",
        "date": datetime.date(2026, 1, 1),
        "placed": 1000,
        "dead": 5,
        "feed_kg": 20,
        "weights_g": [210, 225],
    },
    {
        "batch": "A1",
        "date": datetime.date(2026, 2, 5),
        "sold": 990,
        "live_weight_out_kg": Decimal("2178.0"),
        "feed_kg": 3200.5,
    },
]


def test_rows_and_targets_become_pages_and_numbers() -> None:
    report = kpi.report(ROWS, {"figures": {"survival.v1": {"value": 0.97, "unit": "fraction"}}})
    batch = json.loads(report.to_json())["batches"][0]
    assert batch["figures"][0]["kpi"]["value"] == 0.995
    assert batch["figures"][0]["deviation"]["value"] == pytest.approx((0.995 - 0.97) / 0.97)
    assert batch["growth"] == [{"day": 0, "n": 2, "mean_g": 217.5, "uniformity": pytest.approx(95.12, abs=0.01)}]
    assert report.to_csv().startswith("batch,figure,value,unit")
    assert "99,50" in report.to_html(title="<Farm>", locale="de")
    assert "<Farm>" not in report.to_html(title="<Farm>")


def test_what_cannot_be_read_is_listed_and_the_rest_is_computed() -> None:
    report = json.loads(
        kpi.report([{"batch": "A", "day": 0, "placed": 100, "dead": "x"}, {"batch": "A", "day": None}]).to_json()
    )
    assert [(problem["line"], problem["column"], problem["text"]) for problem in report["problems"]] == [
        (1, "dead", "x")
    ]


def test_a_table_is_read_as_the_program_reads_it() -> None:
    table = "Herde;Tag;Eingestallt;Tote;Futter [kg]\nA1;0;1000;5;20,5\nA1;1;;x;1.000,25\n"
    report = json.loads(kpi.report(table).to_json())
    assert report["batches"][0]["figures"][0]["kpi"]["value"] == 0.995
    assert [(problem["line"], problem["column"]) for problem in report["problems"]] == [(3, "Tote")]
    # As a spreadsheet of Western Europe writes it.
    old = "batch;Stallfl\u00e4che qm;Tote\nA;1200;3\n".encode("cp1252")
    assert json.loads(kpi.report(old).to_json())["problem_count"] == 0


def test_frames_give_their_rows_and_what_they_miss_is_missing() -> None:
    columns = {
        "batch": ["A1", "A1", "A1"],
        "date": [datetime.date(2026, 1, 1), datetime.date(2026, 1, 2), datetime.date(2026, 1, 3)],
        "placed": [1000, None, None],
        "dead": [5, None, 0],
        "feed_kg": [20.5, 21.0, None],
        "weights_g": [[210, 225], None, None],
    }
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    wanted = kpi.report(rows).to_json()
    assert json.loads(wanted)["batches"][0]["figures"][0]["kpi"]["value"] == 0.995
    assert kpi.report(pl.DataFrame(columns)).to_json() == wanted
    frame = pd.DataFrame(columns)
    assert list(frame["placed"].isna()) == [False, True, True]
    assert kpi.report(frame).to_json() == wanted
    # Dates as pandas keeps them, with one that is not there: its row says no day.
    frame["date"] = pd.to_datetime(frame["date"])
    assert kpi.report(frame).to_json() == wanted
    frame.loc[2, "date"] = pd.NaT
    assert json.loads(kpi.report(frame).to_json())["problem_count"] == 0


@pytest.mark.parametrize(
    ("rows", "targets", "code"),
    [
        ([{"batch": "A", "feed": 3}], None, "kpi_bad_row"),
        ("batch,feed\nA,3\n", None, "kpi_bad_row"),
        (b"", None, "kpi_bad_row"),
        ("batch,day\n\ud800,3\n", None, "invalid_argument"),
        ("batch,day,dead\nA,0,1\n", {"breeds": 1}, "kpi_bad_row"),
        ([{"batch": "A", "day": 0, "placed": float("nan")}], None, "invalid_argument"),
        ([{"batch": "A", "day": 0, "weights_g": [210, float("inf")]}], None, "invalid_argument"),
        (ROWS, {"figures": {"survival.v1": {"value": float("nan"), "unit": "fraction"}}}, "invalid_argument"),
        (ROWS, {"breeds": 1}, "kpi_bad_row"),
        (ROWS, {"figures": {"survival.v1": {"value": 97, "unit": "percent"}}}, "kpi_unit_mismatch"),
        (3, None, "invalid_argument"),
        ([3], None, "invalid_argument"),
    ],
)
def test_what_is_no_row_or_target_is_refused_by_code(rows: object, targets: object, code: str) -> None:
    with pytest.raises(errors.GatewrightError) as caught:
        kpi.report(rows, targets)  # type: ignore[arg-type]
    assert caught.value.code == code


def test_the_program_reports_and_ends_with_its_code(tmp_path: Path) -> None:
    table, page = tmp_path / "flocks.csv", tmp_path / "page.html"
    table.write_text("batch,day,placed,dead\nA,0,100,1\n")
    assert native.run_program(["gatewright", "kpi", "report", str(table), "--html", str(page), "--quiet"]) == 0
    assert page.read_text().startswith("<!doctype html>")
    table.write_text("batch,day,placed,dead\nA,0,100,one\n")
    assert native.run_program(["gatewright", "kpi", "report", str(table), "--html", str(page), "--quiet"]) == 1
    assert native.run_program(["gatewright", "kpi", "report", str(tmp_path / "none.csv")]) == 2
