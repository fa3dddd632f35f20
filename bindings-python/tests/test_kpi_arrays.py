"""Figures of arrays: NumPy, the buffer protocol, pandas, polars, Arrow."""

from __future__ import annotations

import array
import ctypes
import gc
import threading
import weakref
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from gatewright import errors, kpi

WHOLE = [1900, 2000, 2100, 2000]
REAL = [1.25, 2.5, 3.75, 2.0]


def told(values: Any) -> tuple[float | None, int, int]:
    cv = kpi.cv(weights=values)
    return cv.value, cv.n, cv.missing


INTEGERS = ["int16", "int32", "int64", "uint16", "uint32", "uint64"]


@pytest.mark.parametrize("dtype", [*INTEGERS, "float32", "float64", "float16", ">i4", ">f8", ">u8", "<i8", "object"])
def test_numpy_arrays_of_any_type(dtype: str) -> None:
    assert told(np.array(WHOLE, dtype=dtype)) == told(WHOLE)
    assert told(np.array(WHOLE, dtype=dtype)[::-1]) == told(WHOLE[::-1])
    assert told(np.array([w for w in WHOLE for _ in range(2)], dtype=dtype)[::2]) == told(WHOLE)


def test_numpy_arrays_of_bytes() -> None:
    assert told(np.array([1, 2, 200], dtype="uint8")) == told([1, 2, 200])
    assert told(np.array([1, 2, 100], dtype="int8")) == told([1, 2, 100])


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "float32", "float64"])
def test_negative_numbers_are_told(dtype: str) -> None:
    with pytest.raises(errors.KpiError) as refused:
        kpi.cv(weights=np.array([1, -1], dtype=dtype))
    assert refused.value.code == "kpi_negative"
    assert kpi.percentile_linear(values=np.array([-1, 1], dtype=dtype), p=0.5).value == 0


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_in_an_array_is_an_error(value: float) -> None:
    for values in (np.array([1, value]), np.array([1, value], dtype="f4"), pl.Series([1.0, value]), [1, value]):
        with pytest.raises(errors.KpiError) as refused:
            kpi.cv(weights=values)
        assert refused.value.code == "kpi_non_finite"


@pytest.mark.parametrize(
    "values",
    [
        np.array([[1, 2], [3, 4]]),
        np.array(5),
        np.array([True, False]),
        np.array([1 + 2j]),
        np.array(["1", "2"]),
        np.array([b"1"]),
        np.array([1], dtype="datetime64[s]"),
        np.ma.masked_array([[1, 2]], mask=[[False, True]]),
        pd.Series(["a"]),
        pd.Series([True]),
        pd.DataFrame({"a": [1]}),
        pl.Series(["a"]),
        pl.Series([True]),
        pl.DataFrame({"a": [1]}),
        pa.array(["a"]),
        pa.array([True]),
        pa.array([[1]]),
        pa.array(["a", "a"]).dictionary_encode(),
        pa.table({"a": [1]}),
        memoryview(b"abc").cast("c"),
    ],
    ids=lambda values: f"{type(values).__module__}.{type(values).__name__}",
)
def test_what_is_no_list_of_numbers_is_refused(values: Any) -> None:
    with pytest.raises(errors.InvalidArgument):
        kpi.cv(weights=values)


def test_masked_values_are_missing() -> None:
    masked = np.ma.masked_array([1900, 7, 2100, 7], mask=[False, True, False, True])
    assert told(masked) == told([1900, None, 2100, None])
    assert told(np.ma.masked_array(WHOLE)) == told(WHOLE)
    assert told([1900, np.ma.masked, 2100]) == told([1900, None, 2100])
    norms = kpi.norm_min_max(values=masked)
    assert norms.value == [0.0, None, 1.0, None]


def test_scalars_of_numpy_are_numbers() -> None:
    scalars: list[Any] = [np.int8(100), np.uint64(100), np.float32(100), np.float64(100), np.int64(100)]
    for scalar in scalars:
        assert kpi.survival(placed=scalar).num == 100
        assert told([scalar, 7]) == told([100, 7])
    no_counts: list[Any] = [np.bool_(True), np.array([1])]
    for truth in no_counts:
        with pytest.raises(errors.InvalidArgument):
            kpi.survival(placed=truth)
    assert kpi.cv(weights=WHOLE, population=np.bool_(True)) == kpi.cv(weights=WHOLE, population=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("code", "bBhHiIlLqQfd")
def test_arrays_of_the_standard_library(code: str) -> None:
    values = [1, 2, 100]
    assert told(array.array(code, values)) == told(values)
    assert told(memoryview(array.array(code, values))[::2]) == told([1, 100])


def test_arrays_of_c() -> None:
    assert told((ctypes.c_double * 4)(*REAL)) == told(REAL)
    assert told((ctypes.c_uint64 * 4)(*WHOLE)) == told(WHOLE)


def test_iterables() -> None:
    assert told(iter(WHOLE)) == told(w for w in WHOLE) == told(tuple(WHOLE)) == told(WHOLE)
    assert told(range(5, 9)) == told([5, 6, 7, 8])


@pytest.mark.parametrize(
    "dtype", ["int64", "float64", "Int64", "Float64", "uint8", "int64[pyarrow]", "double[pyarrow]"]
)
def test_pandas_series(dtype: str) -> None:
    whole = [19, 20, 21, 20]
    assert told(pd.Series(whole, dtype=dtype)) == told(whole)
    assert told(pd.Series(whole, dtype=dtype)[::2]) == told(whole[::2])
    assert told(pd.Index(whole, dtype=dtype)) == told(whole)


@pytest.mark.parametrize("dtype", ["float64", "Int64", "Float64", "int64[pyarrow]", "double[pyarrow]", "object"])
def test_what_is_missing_in_pandas(dtype: str) -> None:
    series = pd.Series([19, None, 21, None], dtype=dtype)
    assert told(series) == told([19, None, 21, None])
    assert told(series.array) == told([19, None, 21, None])
    assert kpi.norm_min_max(values=series).value == [0.0, None, 1.0, None]
    assert told(series.astype("float32" if dtype == "object" else dtype)[::2]) == told([19, 21])
    assert told([19, pd.NA, 21, pd.NA]) == told([19, None, 21, None])
    assert told(pd.Series([None, None], dtype=dtype)) == (None, 0, 2)


@pytest.mark.parametrize(
    "dtype", [pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64, pl.Float32, pl.Float64]
)
def test_polars_series(dtype: Any) -> None:
    whole = [19, 20, 21, 20]
    series = pl.Series(whole, dtype=dtype)
    assert told(series) == told(whole)
    assert told(series[1:3]) == told(whole[1:3])
    assert told(pl.concat([series, series], rechunk=False)) == told(whole * 2)
    assert told(pl.Series([19, None, 21, None], dtype=dtype)) == told([19, None, 21, None])
    assert kpi.norm_min_max(values=pl.Series([19, None, 21], dtype=dtype)).value == [0.0, None, 1.0]
    assert told(pl.Series([], dtype=dtype)) == told([])


def test_polars_series_of_nulls() -> None:
    assert told(pl.Series([None, None])) == (None, 0, 2)


@pytest.mark.parametrize(
    "kind", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]
)
def test_arrow_arrays(kind: str) -> None:
    arrow = getattr(pa, kind)()
    known = pa.array([19, 20, 21, 20], type=arrow)
    assert told(known) == told([19, 20, 21, 20])
    some = pa.array([7, 19, None, 21, None], type=arrow)
    assert told(some) == told([7, 19, None, 21, None])
    assert told(some[1:]) == told([19, None, 21, None])
    assert told(some[3:4]) == told([21])
    assert told(pa.chunked_array([known, some])) == told([19, 20, 21, 20, 7, 19, None, 21, None])
    assert told(pa.chunked_array([], type=arrow)) == told([])
    assert kpi.norm_min_max(values=some[1:]).value == [0.0, None, 1.0, None]


def test_negative_numbers_of_arrow() -> None:
    for values in (pa.array([-1, 1]), pa.array([-1, 1, None]), pa.array([-1, 1], type=pa.int8())):
        assert kpi.percentile_linear(values=values, p=0.5).value == 0


def test_an_arrow_array_is_given_back() -> None:
    before = pa.total_allocated_bytes()
    for _ in range(3):
        values = pa.array(np.arange(100_000, dtype="f8"))
        assert told(values)[1] == 100_000
        assert told(pa.chunked_array([values, values]))[1] == 200_000
        del values
    gc.collect()
    assert pa.total_allocated_bytes() <= before


def test_a_capsule_that_was_used_is_refused() -> None:
    class Once:
        def __init__(self) -> None:
            self.given = pa.array(WHOLE).__arrow_c_array__()

        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return self.given

    once: Any = Once()
    assert told(once) == told(WHOLE)
    with pytest.raises(errors.InvalidArgument):
        kpi.cv(weights=once)


@pytest.mark.parametrize("given", [None, 7, (1, 2), (1,), "ab"])
def test_what_is_no_capsule_is_refused(given: Any) -> None:
    class Liar:
        def __arrow_c_array__(self, requested_schema: object = None) -> Any:
            return given

    class Streaming:
        def __arrow_c_stream__(self, requested_schema: object = None) -> Any:
            return given

    for liar in (Liar(), Streaming()):
        with pytest.raises(errors.InvalidArgument):
            kpi.cv(weights=liar)


def test_arrays_are_let_go_of() -> None:
    values = np.arange(10_000.0)
    gone = weakref.ref(values)
    kpi.cv(weights=values)
    with pytest.raises(errors.KpiError):
        kpi.percentile_linear(values=values, p=7)
    del values
    gc.collect()
    assert gone() is None


def test_large_arrays_on_threads() -> None:
    values = np.arange(200_000.0) + 0.5
    expected = kpi.cv(weights=values)
    seen: list[kpi.Kpi] = []
    threads = [threading.Thread(target=lambda: seen.append(kpi.cv(weights=values))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [expected] * 4


@pytest.mark.parametrize("make", [list, np.array, pl.Series, pa.array, pd.Series])
def test_the_bits_are_the_same_from_everywhere(make: Any) -> None:
    reals = [x * 1.1 for x in range(5000)]
    for figure in (kpi.cv, kpi.uniformity_score, kpi.uniformity_band):
        assert figure(weights=make(reals)) == figure(weights=reals)
        assert figure(weights=make(list(range(5000)))) == figure(weights=list(range(5000)))
    assert kpi.percentile_linear(values=make(reals), p=0.95) == kpi.percentile_linear(values=reals, p=0.95)
    assert kpi.weight_mean(weights=make(reals)) == kpi.weight_mean(weights=reals)


@pytest.mark.parametrize("make", [list, np.array, pl.Series, pa.array, pd.Series])
def test_accumulators_take_arrays(make: Any) -> None:
    moments, reals, histogram = kpi.Moments(), kpi.FloatMoments(), kpi.Histogram()
    for added in (moments, reals, histogram):
        added.add_all(make(WHOLE))
        added.add_all(make(list(range(5000))))
        assert added.count == 5004
    reals.add_all(make(REAL))
    for only_whole in (moments, histogram):
        for wrong in (REAL, [1, -1], [1.0, -1.0]):
            with pytest.raises(errors.KpiError):
                only_whole.add_all(make(wrong))
        assert only_whole.count == 5004
        only_whole.add_all(make([1.0, 2.0]))
        assert only_whole.count == 5006
