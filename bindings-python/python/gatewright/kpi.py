"""Figures of livestock and operations: one function each, with arguments that name their units.

A result has its method, unit and warnings with it. Too little data, or a denominator of 0, is no error: the figure is
undefined and says why. Missing values are counted and never zero::

    from gatewright import kpi

    fcr = kpi.fcr_live_weight(feed_g=180, live_weight_out_g=202)
    assert (fcr.value, fcr.unit, fcr.basis) == (0.8910891089108911, "ratio", "live_weight")

    assert kpi.survival(placed=0).reason == "zero_denominator"
    assert kpi.uniformity_score(weights=[1930, None, 2110]).missing == 1

Lists are lists, NumPy arrays, series of pandas and polars, Arrow arrays, or anything with the buffer protocol. What
lies in memory as 64-bit numbers is read where it is. `None`, a null and a masked value are missing, and so is NaN in
pandas; any other NaN is an error. Nothing here needs a gate.

`Moments`, `FloatMoments` and `Histogram` add up as values come, and merge::

    morning, evening = kpi.Moments(), kpi.Moments()
    morning.add_all([1930, 2110])
    evening.add_all([2040, None])
    morning.merge(kpi.Moments.from_bytes(evening.to_bytes()))
    assert (morning.snapshot().n, morning.missing) == (3, 1)
"""

from gatewright._core.kpi import (
    METHODS,
    FloatMoments,
    Histogram,
    HistogramSnapshot,
    Kpi,
    Moments,
    Norms,
    Quantity,
    Ranked,
    Report,
    Summary,
    adfi,
    adg_from_zero,
    adg_group,
    adg_net,
    availability,
    cull,
    cv,
    density,
    deviation,
    ebi,
    egg_mass_per_hen_day,
    eggs_per_hen_housed,
    epef,
    epef_flocks,
    error_rate,
    fcr_biological,
    fcr_closeout,
    fcr_corrected,
    fcr_egg_mass,
    fcr_live_weight,
    fcr_mortality_adjusted,
    feed_cost,
    feed_per_dozen,
    head_days_daily_mean,
    head_days_exits,
    health_farm,
    hen_day,
    hen_housed,
    inventory,
    loss,
    mean_head_day_weighted,
    mortality,
    mortality_cumulative_daily,
    mortality_first_week,
    mortality_per_1000_head_weeks,
    norm_min_max,
    percentile_linear,
    percentile_nearest_rank,
    rank,
    score_composite,
    sgr,
    survival,
    survival_at_risk,
    uniformity_band,
    uniformity_from_cv,
    uniformity_score,
    water_feed,
    weight_mean,
)
from gatewright._report import report

__all__ = [
    "METHODS",
    "FloatMoments",
    "Histogram",
    "HistogramSnapshot",
    "Kpi",
    "Moments",
    "Norms",
    "Quantity",
    "Ranked",
    "Report",
    "Summary",
    "adfi",
    "adg_from_zero",
    "adg_group",
    "adg_net",
    "availability",
    "cull",
    "cv",
    "density",
    "deviation",
    "ebi",
    "egg_mass_per_hen_day",
    "eggs_per_hen_housed",
    "epef",
    "epef_flocks",
    "error_rate",
    "fcr_biological",
    "fcr_closeout",
    "fcr_corrected",
    "fcr_egg_mass",
    "fcr_live_weight",
    "fcr_mortality_adjusted",
    "feed_cost",
    "feed_per_dozen",
    "head_days_daily_mean",
    "head_days_exits",
    "health_farm",
    "hen_day",
    "hen_housed",
    "inventory",
    "loss",
    "mean_head_day_weighted",
    "mortality",
    "mortality_cumulative_daily",
    "mortality_first_week",
    "mortality_per_1000_head_weeks",
    "norm_min_max",
    "percentile_linear",
    "percentile_nearest_rank",
    "rank",
    "report",
    "score_composite",
    "sgr",
    "survival",
    "survival_at_risk",
    "uniformity_band",
    "uniformity_from_cv",
    "uniformity_score",
    "water_feed",
    "weight_mean",
]
