"""Figures: arguments in, results out. What the numbers are is tested by the vectors."""

from __future__ import annotations

import inspect
import pickle
import threading
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from gatewright import errors, kpi
from gatewright.errors import InvalidArgument, KpiError, RecordUnreadable

FUNCTIONS = {name: getattr(kpi, name) for name in kpi.__all__ if name[0].islower() and name != "report"}


def test_every_method_has_its_function() -> None:
    names = {method.removesuffix(".v1").replace(".", "_") for method in kpi.METHODS}
    assert names - set(FUNCTIONS) == {"moments_integer", "moments_f64"}
    assert set(FUNCTIONS) <= names
    for function in FUNCTIONS.values():
        parameters = inspect.signature(function).parameters.values()
        assert {parameter.kind for parameter in parameters} == {inspect.Parameter.KEYWORD_ONLY}
        assert function.__doc__


def test_a_figure_says_what_it_rests_on() -> None:
    fcr = kpi.fcr_live_weight(feed_g=180, live_weight_out_g=202)
    assert (fcr.id, fcr.value, fcr.status, fcr.reason) == ("fcr.live_weight.v1", 0.8910891089108911, "ok", None)
    assert (fcr.unit, fcr.num, fcr.den, fcr.n, fcr.missing) == ("ratio", 180, 202, 1, 0)
    assert (fcr.basis, fcr.coverage, fcr.warnings, fcr.percent()) == ("live_weight", None, (), 0.8910891089108911)
    assert repr(fcr) == "Kpi(fcr.live_weight.v1: 0.8910891089108911 ratio)"
    assert fcr == kpi.fcr_live_weight(feed_g=180, live_weight_out_g=202)
    assert kpi.survival(placed=20_000, dead=800).percent() == 96.0


def test_too_little_data_is_no_error() -> None:
    survival = kpi.survival(placed=0)
    assert (survival.value, survival.status, survival.reason) == (None, "undefined", "zero_denominator")
    assert (survival.num, survival.den, survival.percent()) == (0, 0, None)
    assert repr(survival) == "Kpi(survival.v1: undefined, zero_denominator)"


def test_numerators_are_exact() -> None:
    most = 2**64 - 1
    assert kpi.fcr_live_weight(feed_g=most, live_weight_out_g=most).num == most
    assert kpi.inventory(placed=most, moved_in=most).value == float(2 * most)


def code_of(call: Any) -> str:
    with pytest.raises(errors.GatewrightError) as refused:
        call()
    return refused.value.code


def test_what_cannot_be_is_an_error() -> None:
    assert code_of(lambda: kpi.survival(placed=1, dead=2)) == "kpi_inventory_mismatch"
    assert code_of(lambda: kpi.survival(placed=-1)) == "kpi_negative"
    assert code_of(lambda: kpi.survival(placed=1.5)) == "kpi_out_of_range"  # type: ignore[arg-type]
    assert code_of(lambda: kpi.epef(survival=95, weight_g=1, age_days=1, fcr=1, fcr_basis="gain")) == "kpi_out_of_range"
    assert code_of(lambda: kpi.adg_from_zero(weight_g=1, age_days=float("nan"))) == "kpi_non_finite"
    assert code_of(lambda: kpi.survival(placed=2**64)) == "kpi_overflow"
    assert code_of(lambda: kpi.survival(placed=10**5000)) == "kpi_overflow"
    assert code_of(lambda: kpi.cv(weights=[1, 10**5000])) == "kpi_overflow"
    assert kpi.uniformity_from_cv(cv=10**40).status == "ok"
    assert code_of(lambda: kpi.survival(placed=-(10**40))) == "kpi_negative"
    assert kpi.cv(weights=[10**40, 10**40]).value == 0
    with pytest.raises(KpiError) as negative:
        kpi.cv(weights=[1, -1])
    assert (negative.value.code, negative.value.status) == ("kpi_negative", 422)


@pytest.mark.parametrize("placed", ["20000", b"1", True, None, [1], {"a": 1}, object(), 1j, "\ud800"])
def test_a_count_is_a_number(placed: Any) -> None:
    assert code_of(lambda: kpi.survival(placed=placed)) == "invalid_argument"


def test_none_is_missing_and_never_left_out() -> None:
    assert code_of(lambda: kpi.survival(placed=1, dead=None)) == "invalid_argument"  # type: ignore[arg-type]
    assert kpi.weight_mean(weights=[1], flock_size=None) == kpi.weight_mean(weights=[1])


@pytest.mark.parametrize("number", [180, 180.0, Decimal(180), Fraction(180)])
def test_numbers_come_in_any_form(number: Any) -> None:
    assert kpi.fcr_live_weight(feed_g=number, live_weight_out_g=202).num == 180


def test_arguments_are_keywords() -> None:
    survival: Any = kpi.survival
    with pytest.raises(TypeError):
        survival(1)
    with pytest.raises(TypeError):
        survival()
    with pytest.raises(TypeError):
        survival(placed=1, deed=1)


def test_a_conversion_is_a_number_with_its_basis_or_a_result() -> None:
    fcr = kpi.fcr_closeout(feed_g=188, weight_started_g=0, weight_sold_g=100)
    arguments: dict[str, Any] = {"survival": 0.95, "weight_g": 1850, "age_days": 44}
    by_result = kpi.epef(**arguments, fcr=fcr)
    assert by_result.value == kpi.epef(**arguments, fcr=1.88, fcr_basis="gain").value
    assert by_result.warnings == ("basis_gain",)
    assert code_of(lambda: kpi.epef(**arguments, fcr=1.88)) == "invalid_argument"
    arguments["fcr_basis"] = "weight"
    assert code_of(lambda: kpi.epef(**arguments, fcr=1.88)) == "invalid_argument"
    del arguments["fcr_basis"]
    undefined = kpi.epef(**arguments, fcr=kpi.fcr_live_weight(feed_g=1, live_weight_out_g=0))
    assert (undefined.value, undefined.reason) == (None, "zero_denominator")


def test_deviations_are_of_one_unit() -> None:
    gain = kpi.adg_from_zero(weight_g=2257, age_days=37)
    assert kpi.deviation(actual=gain, target=gain).value == 0
    assert kpi.deviation(actual=gain, target=kpi.Quantity(61, "g_per_day")).value is not None
    assert kpi.deviation(actual=61, target=65).value == -4 / 65
    assert code_of(lambda: kpi.deviation(actual=gain, target=kpi.Quantity(0.061, "kg_per_day"))) == "kpi_unit_mismatch"
    assert code_of(lambda: kpi.deviation(actual=gain, target=61)) == "kpi_unit_mismatch"
    assert kpi.deviation(actual=None, target=61).reason == "no_values"


def test_quantities_are_plain() -> None:
    quantity = kpi.Quantity(65, "g_per_day")
    assert (quantity.value, quantity.unit, repr(quantity)) == (65.0, "g_per_day", 'Quantity(65, "g_per_day")')
    assert kpi.Quantity(None, "g").value is None
    wrongs: list[Any] = [("1", "g"), (True, "g"), (1, None), (1, 1)]
    for wrong in wrongs:
        assert code_of(lambda wrong=wrong: kpi.Quantity(*wrong)) == "invalid_argument"


def test_lists_keep_the_places_of_what_is_missing() -> None:
    mean = kpi.mean_head_day_weighted(x=[1, None, 3], head_days=[1, 100, 1.5])
    assert (mean.value, mean.missing) == (5.5 / 2.5, 1)
    norms = kpi.norm_min_max(values=[1.5, 1.6, None, 1.7], lower_is_better=True)
    assert norms.value == [1.0, pytest.approx(0.5), None, 0.0]
    assert (norms.id, norms.unit, norms.n, norms.missing, norms.warnings) == (
        "norm.min_max.v1",
        "fraction",
        3,
        1,
        ("input_missing",),
    )
    assert kpi.mortality_first_week(placed=100, daily_dead=[1, 0, None, 0, 0, 0, 0]).reason is not None
    assert kpi.mortality_first_week(placed=100, daily_dead=(1, 0, 0, 0, 0, 0, 0)).value == 0.01


def test_rows_are_sequences_or_mappings() -> None:
    assert kpi.head_days_daily_mean(daily=[(200, 196), {"start": 196, "end": 206, "moved_in": 10}]).value == 399
    entries = [(15, 10)]
    exits = [{"day": 11, "count": 4}]
    assert kpi.head_days_exits(placed=200, days=31, entries=entries, exits=exits).value == 6270 + 31 * 0
    wrongs: list[Any] = [[(1,)], [(1, 2, 3)], [None], [7], 7, "ab", [{"day": 1}], [{1: 2}]]
    for wrong in wrongs:
        assert code_of(lambda wrong=wrong: kpi.head_days_exits(placed=200, days=31, exits=wrong)) == "invalid_argument"


def test_a_cohort_is_ranked() -> None:
    cohort: Any = [
        {"id": "A", "figures": {"fcr": 1.5, "adg": 60}},
        {"id": "B", "figures": {"fcr": 1.7, "adg": None}},
        {"id": "C", "figures": {}},
    ]
    weights: Any = {"fcr": {"weight": 1, "lower_is_better": True}, "adg": {"weight": 1}}
    first, second, third = kpi.rank(cohort=cohort, weights=weights)
    assert (first.id, first.rank, first.coverage) == ("A", 1, 1.0)
    assert (second.id, second.rank, second.score, second.coverage) == ("B", 2, 0.0, 0.5)
    assert (third.id, third.rank, third.score) == ("C", None, None)
    assert code_of(lambda: kpi.rank(cohort=cohort * 2, weights=weights)) == "kpi_bad_row"
    composite = kpi.score_composite(norms={"a": 1, "b": None}, weights={"a": 1, "b": 1}, min_coverage=0.6)
    assert (composite.value, composite.coverage) == (None, 0.5)


def test_summaries() -> None:
    summary = kpi.epef_flocks(values=[300, 310.5, None])
    assert (summary.id, summary.n, summary.missing, summary.mean) == ("epef.flocks.v1", 2, 1, 305.25)
    assert summary.sd is not None
    assert summary.ci95_low is not None
    assert summary.ci95_high is not None
    assert (summary.min, summary.max, summary.warnings) == (300.0, 310.5, ("input_missing",))
    one = kpi.weight_mean(weights=[2000])
    assert (one.sd, one.ci95_low, one.warnings) == (None, None, ("small_sample",))


def deep(levels: int) -> Any:
    return [] if levels == 0 else [deep(levels - 1)]


def test_hostile_arguments_are_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    for values in (loop, deep(500)):
        assert code_of(lambda values=values: kpi.norm_min_max(values=values)) == "invalid_argument"
        assert code_of(lambda values=values: kpi.cv(weights=values)) == "invalid_argument"

    class Liar(list[int]):
        def __len__(self) -> int:
            return 2**62

    assert kpi.cv(weights=Liar([1, 2, 3])).n == 3

    class Raising:
        def __iter__(self) -> Any:
            raise RuntimeError("mine")

    assert code_of(lambda: kpi.cv(weights=Raising())) == "invalid_argument"


ACCUMULATORS = (kpi.Moments, kpi.FloatMoments)


@pytest.mark.parametrize("of", ACCUMULATORS)
def test_parts_come_to_the_whole(of: Any) -> None:
    whole, left, right = of(), of(), of()
    whole.add_all([1, 2, None, 3])
    left.add_all([1, 2])
    right.add(3)
    right.add_missing()
    left.merge(of.from_bytes(right.to_bytes()))
    assert left.snapshot() == whole.snapshot()
    assert (whole.count, whole.missing) == (3, 1)
    assert pickle.loads(pickle.dumps(whole)).to_bytes() == whole.to_bytes()
    left.merge(left)
    assert left.count == 6
    assert repr(whole) == f"{of.__name__}(count=3, missing=1)"


@pytest.mark.parametrize("of", [*ACCUMULATORS, kpi.Histogram])
def test_what_cannot_be_added_is_refused(of: Any) -> None:
    made = of()
    for value in ("1", None, True, [1]):
        assert code_of(lambda value=value: made.add(value)) == "invalid_argument"
    for values in ("12", 7, None, {"a": 1}, b"ab", [True], [[1]]):
        assert code_of(lambda values=values: made.add_all(values)) == "invalid_argument"
    assert code_of(lambda: made.add_missing(-1)) == "kpi_negative"
    assert code_of(lambda: made.merge(7)) == "invalid_argument"
    for unreadable in (b"", b"\x02" * 65, bytes(1000)):
        with pytest.raises(RecordUnreadable):
            of.from_bytes(unreadable)
    with pytest.raises(InvalidArgument):
        of.from_bytes("text")
    assert made.count == 0


def test_integers_are_not_doubles() -> None:
    moments = kpi.Moments()
    assert code_of(lambda: moments.add(1.5)) == "kpi_out_of_range"  # type: ignore[arg-type]
    assert code_of(lambda: moments.add_all([1, 1.5])) == "kpi_out_of_range"
    assert code_of(lambda: moments.add_all([1, float("nan")])) == "kpi_non_finite"
    assert code_of(lambda: moments.add_all([1, 2**64])) == "kpi_overflow"
    assert code_of(lambda: moments.add(2**64)) == "kpi_overflow"
    assert code_of(lambda: moments.add(-1.0)) == "kpi_negative"  # type: ignore[arg-type]
    assert code_of(lambda: moments.add(-1)) == "kpi_negative"
    assert code_of(lambda: moments.add_all([1, -1])) == "kpi_negative"
    moments.add_all([])
    moments.add_all([None])
    moments.add_all([1.0, 2])
    moments.add(3.0)  # type: ignore[arg-type]
    assert (moments.count, moments.missing, moments.snapshot().mean) == (3, 1, 2.0)
    reals = kpi.FloatMoments()
    reals.add(1)
    reals.add_all([-2.5, 3])
    assert reals.snapshot().mean == 0.5
    assert code_of(lambda: reals.add(float("inf"))) == "kpi_non_finite"


def test_histograms() -> None:
    histogram = kpi.Histogram()
    histogram.add_all(range(1, 101))
    histogram.add(1000)
    snapshot = histogram.snapshot()
    assert (snapshot.n, snapshot.min, snapshot.p50, snapshot.max, snapshot.basis) == (101, 1, 51, 1000, "exact")
    assert (snapshot.p90, snapshot.p95, snapshot.p99, snapshot.missing) == (91, 96, 100, 0)
    assert snapshot.mean == 6050 / 101
    quantile = histogram.quantile(0.5)
    assert (quantile.value, quantile.basis) == (51.0, "exact")
    assert code_of(lambda: histogram.quantile(50)) == "kpi_out_of_range"
    assert code_of(lambda: histogram.quantile("p")) == "invalid_argument"  # type: ignore[arg-type]
    other = kpi.Histogram()
    other.add_all([7] * 20_000)
    histogram.merge(other)
    assert histogram.snapshot().basis == "histogram"
    assert kpi.Histogram.from_bytes(histogram.to_bytes()).snapshot() == histogram.snapshot()


def test_threads_share_an_accumulator() -> None:
    moments = kpi.Moments()
    values = list(range(10_000))

    def add() -> None:
        for _ in range(5):
            moments.add_all(values)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert moments.count == 200_000
