"""The example that ranks a farm's batches prints what its page shows."""

import importlib
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_page_shows_what_the_example_prints() -> None:
    program = ROOT / "examples" / "cohort" / "fact_batch_cohort.py"
    printed = subprocess.run([sys.executable, program], capture_output=True, text=True, check=True).stdout
    page = (ROOT / "docs" / "cohort.md").read_text(encoding="utf-8")
    shown = re.search(r"```text\n(.*?)```", page, re.DOTALL)
    assert shown is not None
    assert shown.group(1) == printed


def test_a_batch_without_a_weight_has_no_rank_and_equal_ones_share_theirs() -> None:
    sys.path.insert(0, str(ROOT / "examples" / "cohort"))
    try:
        cohort = importlib.import_module("fact_batch_cohort")
    finally:
        sys.path.pop(0)
    batches = cohort.read(ROOT / "examples" / "cohort" / "fact_batch.csv")
    ranks = {ranked.id: ranked.rank for ranked in cohort.as_it_is_meant(batches)}
    assert ranks == {"N-03": 1, "N-01": 2, "N-04": 2, "N-02": 4, "N-05": None}
    assert cohort.as_it_was(batches)[0][0] == "N-05"
