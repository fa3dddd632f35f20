"""Figures of arrays and lists beside NumPy, pandas and polars: uniformity, CV and a percentile."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Job = Callable[[], object]


def uniformity_jobs(size: int) -> dict[str, Job]:
    """The share of weights within ±10 % of the mean, of an array of doubles."""
    from gatewright import kpi

    weights, _, series = _weights(size)

    def with_numpy() -> object:
        mean = weights.mean()
        return ((weights >= 0.9 * mean) & (weights <= 1.1 * mean)).mean()

    def with_polars() -> object:
        mean: Any = series.mean()
        return series.is_between(0.9 * mean, 1.1 * mean).mean()

    whole = weights.astype("int64")
    return {
        "gatewright": lambda: kpi.uniformity_band(weights=weights),
        "gatewright, integers": lambda: kpi.uniformity_band(weights=whole),
        "gatewright, score": lambda: kpi.uniformity_score(weights=weights),
        "NumPy": with_numpy,
        "polars": with_polars,
    }


def cv_jobs(size: int) -> dict[str, Job]:
    """The coefficient of variation of a sample."""
    from gatewright import kpi

    weights, frame, series = _weights(size)
    whole = weights.astype("int64")
    return {
        "gatewright": lambda: kpi.cv(weights=weights),
        "gatewright, integers": lambda: kpi.cv(weights=whole),
        "gatewright, polars series": lambda: kpi.cv(weights=series),
        "gatewright, pandas series": lambda: kpi.cv(weights=frame),
        "NumPy": lambda: 100 * weights.std(ddof=1) / weights.mean(),
        "pandas": lambda: 100 * frame.std() / frame.mean(),
        "polars": lambda: 100 * series.std() / series.mean(),
    }


def percentile_jobs(size: int) -> dict[str, Job]:
    """The 95th percentile, between its neighbours."""
    import numpy as np

    from gatewright import kpi

    weights, frame, series = _weights(size)
    return {
        "gatewright": lambda: kpi.percentile_linear(values=weights, p=0.95),
        "NumPy": lambda: np.percentile(weights, 95),
        "pandas": lambda: frame.quantile(0.95),
        "polars": lambda: series.quantile(0.95, "linear"),
    }


def list_jobs(size: int) -> dict[str, Job]:
    """The uniformity score of a plain list."""
    import statistics

    import numpy as np

    from gatewright import kpi

    weights = _weights(size)[0].tolist()

    def with_numpy() -> object:
        array = np.asarray(weights)
        return 100 - 100 * array.std(ddof=1) / array.mean()

    return {
        "gatewright": lambda: kpi.uniformity_score(weights=weights),
        "NumPy": with_numpy,
        "statistics": lambda: 100 - 100 * statistics.stdev(weights) / statistics.fmean(weights),
    }


def _weights(size: int) -> tuple[Any, Any, Any]:
    import numpy as np
    import pandas as pd
    import polars as pl

    weights = np.random.default_rng(17).normal(2000.0, 160.0, size)
    return weights, pd.Series(weights), pl.Series(weights)
