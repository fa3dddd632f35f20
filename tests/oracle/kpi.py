"""Every figure, from kpi.md alone: `evaluate(method, args)` gives the members of its result, or refuses with a code.

`SIGNATURES` is the second column of the table; FIGURES the third and fourth. A member that is not computed in a fixed order of double
operations has its tolerance under `near` (of the value) or `near_ci`. What the page leaves open is in no result: `n` and `missing` are there
where a figure is of a list.
"""

from kpi_animals import animals, cumulative_daily, daily_mean, exits, first_week, head_day_weighted, inventory
from kpi_arguments import as_given, flag, list_of, member, named, optional, parts_of, quantity, tuple_of, weight
from kpi_growth import (
    a_day,
    adg_group,
    adg_net,
    biological,
    capped,
    closeout,
    corrected,
    ebi,
    epef,
    feed_cost,
    hen_housed,
    index,
    rate,
    sgr,
)
from kpi_lists import accumulated, band, flocks, from_cv, linear, nearest_rank, variation, weight_mean
from kpi_numbers import Doubles, Integers, count, halves, positive, real, share
from kpi_result import per_halves, quotient
from kpi_scores import composite, deviation, health, norms, rank
from wire import Refused

NEED = object()


def evaluate(method: str, args: dict) -> dict:
    if method not in SIGNATURES:
        raise Refused("invalid_argument")
    signature = SIGNATURES[method]
    if not set(args) <= set(signature):
        raise Refused("invalid_argument")
    read = {}
    for name, (kind, default) in signature.items():
        if name in args:
            read[name] = kind(args[name])
        elif default is NEED:
            raise Refused("invalid_argument")
        else:
            read[name] = default
    return {"id": method} | FIGURES[method](**read)


def ratio_or_result(value):
    """A feed conversion: a number, or the figure that gives it."""
    if isinstance(value, dict) and "method" in value:
        result = evaluate(value["method"], value["args"])
        if result.get("basis") is None:
            raise Refused("invalid_argument")
        return result
    return positive(value)


C, Z, M = (count, NEED), (count, 0), (count, NEED)
ANIMALS = {"placed": C, "moved_in": Z, "dead": Z, "culled": Z, "moved_out": Z}
CLOSEOUT = {"feed_g": M, "weight_started_g": M, "weight_sold_g": M, "weight_moved_out_g": (count, 0)}
WEIGHTS, REALS = (list_of(as_given(positive)), NEED), (list_of(as_given(real)), NEED)
DAYS, HEAD_DAYS, SHARE, NUMBER = (as_given(positive), NEED), (halves, NEED), (share, NEED), (positive, NEED)
FCR = {"fcr": (ratio_or_result, NEED), "fcr_basis": (str, None)}
COUNTS, NO_COUNTS = (list_of(count), NEED), (list_of(count), None)
MOVES = (list_of(tuple_of(2, 2)), NEED)

SIGNATURES = {
    "survival.v1": ANIMALS,
    "survival.at_risk.v1": ANIMALS,
    "mortality.v1": ANIMALS,
    "cull.v1": ANIMALS,
    "loss.v1": ANIMALS,
    "inventory.v1": ANIMALS | {"sold": Z, "left": Z},
    "mortality.first_week.v1": {"placed": C, "daily_dead": COUNTS},
    "mortality.cumulative_daily.v1": {"placed": C, "daily_dead": COUNTS, "daily_culled": NO_COUNTS, "daily_out": NO_COUNTS, "daily_in": NO_COUNTS},
    "mortality.per_1000_head_weeks.v1": {"dead": Z, "head_days": HEAD_DAYS},
    "head_days.daily_mean.v1": {"daily": (list_of(tuple_of(2, 3)), NEED)},
    "head_days.exits.v1": {"placed": C, "entries": MOVES, "exits": MOVES, "days": C},
    "mean.head_day_weighted.v1": {"x": REALS, "head_days": (list_of(halves), NEED)},
    "adg.net.v1": {"weight_start_g": M, "weight_end_g": M, "days": DAYS},
    "adg.from_zero.v1": {"weight_g": M, "age_days": DAYS},
    "adg.group.v1": {"weight_in_g": M, "weight_sold_g": M, "weight_moved_out_g": Z, "head_days": HEAD_DAYS},
    "adfi.v1": {"feed_g": M, "head_days": HEAD_DAYS},
    "fcr.live_weight.v1": {"feed_g": M, "live_weight_out_g": M},
    "fcr.closeout.v1": CLOSEOUT,
    "fcr.mortality_adjusted.v1": CLOSEOUT | {"weight_dead_g": M},
    "fcr.corrected.v1": {"fcr": NUMBER, "weight_g": M, "reference_g": M, "per_100g": NUMBER},
    "fcr.egg_mass.v1": {"feed_g": M, "egg_mass_g": M},
    "feed_per_dozen.v1": {"feed_g": M, "eggs": Z},
    "fcr.biological.v1": {"feed_g": M, "biomass_in_g": M, "biomass_out_g": M, "biomass_dead_g": M},
    "sgr.v1": {"weight_start_g": M, "weight_end_g": M, "days": DAYS},
    "epef.v1": {"survival": SHARE, "weight_g": M, "age_days": DAYS} | FCR,
    "ebi.v1": {"adg_g": NUMBER, "survival": SHARE} | FCR,
    "epef.flocks.v1": {"values": WEIGHTS},
    "cv.v1": {"weights": WEIGHTS, "population": (flag, False)},
    "uniformity.score.v1": {"weights": WEIGHTS},
    "uniformity.band.v1": {"weights": WEIGHTS, "band": (share, 0.10)},
    "uniformity.from_cv.v1": {"cv": NUMBER},
    "weight.mean.v1": {"weights": WEIGHTS, "flock_size": (count, None)},
    "health.farm.v1": {"mortality": SHARE, "morbidity": SHARE, "treatment": SHARE},
    "deviation.v1": {"actual": (quantity, NEED), "target": (quantity, NEED)},
    "norm.min_max.v1": {"values": (list_of(real), NEED), "lower_is_better": (flag, False)},
    "score.composite.v1": {"norms": (named(optional(share)), NEED), "weights": (named(real), NEED), "min_coverage": (share, 0.5)},
    "rank.v1": {"cohort": (list_of(member), NEED), "weights": (named(weight), NEED)},
    "percentile.linear.v1": {"values": REALS, "p": SHARE},
    "percentile.nearest_rank.v1": {"values": REALS, "p": SHARE},
    "error_rate.v1": {"errors": Z, "total": Z},
    "availability.v1": {"errors": Z, "total": Z},
    "hen_day.v1": {"eggs": Z, "hen_days": HEAD_DAYS},
    "hen_housed.v1": {"eggs": Z, "housed": Z, "days": DAYS},
    "eggs_per_hen_housed.v1": {"eggs": Z, "housed": Z},
    "egg_mass_per_hen_day.v1": {"egg_mass_g": M, "hen_days": HEAD_DAYS},
    "density.v1": {"live_weight_g": M, "area_cm2": C},
    "water_feed.v1": {"water_ml": C, "feed_g": M},
    "feed_cost.v1": {"cost_minor": C, "weight_g": (count, None), "eggs": (count, None)},
    "moments.integer.v1": {"parts": (parts_of(count), NEED)},
    "moments.f64.v1": {"parts": (parts_of(real), NEED)},
}


FIGURES = {
    "survival.v1": animals(lambda came, dead, culled, out: (came - dead - culled - out, came)),
    "survival.at_risk.v1": animals(lambda came, dead, culled, out: (came - out - dead - culled, came - out)),
    "mortality.v1": animals(lambda came, dead, culled, out: (dead, came)),
    "cull.v1": animals(lambda came, dead, culled, out: (culled, came)),
    "loss.v1": animals(lambda came, dead, culled, out: (dead + culled, came)),
    "inventory.v1": inventory,
    "mortality.first_week.v1": first_week,
    "mortality.cumulative_daily.v1": cumulative_daily,
    "mortality.per_1000_head_weeks.v1": lambda dead, head_days: per_halves("per_1000_head_weeks", 7000 * dead, head_days),
    "head_days.daily_mean.v1": daily_mean,
    "head_days.exits.v1": exits,
    "mean.head_day_weighted.v1": head_day_weighted,
    "adg.net.v1": adg_net,
    "adg.from_zero.v1": lambda weight_g, age_days: a_day(weight_g, age_days),
    "adg.group.v1": adg_group,
    "adfi.v1": lambda feed_g, head_days: per_halves("g_per_day", feed_g, head_days),
    "fcr.live_weight.v1": lambda feed_g, live_weight_out_g: quotient("ratio", feed_g, live_weight_out_g, basis="live_weight"),
    "fcr.closeout.v1": closeout,
    "fcr.mortality_adjusted.v1": closeout,
    "fcr.corrected.v1": corrected,
    "fcr.egg_mass.v1": lambda feed_g, egg_mass_g: quotient("ratio", feed_g, egg_mass_g),
    "feed_per_dozen.v1": lambda feed_g, eggs: quotient("g", 12 * feed_g, eggs),
    "fcr.biological.v1": biological,
    "sgr.v1": sgr,
    "epef.v1": index(epef),
    "ebi.v1": index(ebi),
    "epef.flocks.v1": flocks,
    "cv.v1": variation(lambda cv: cv),
    "uniformity.score.v1": variation(lambda cv: min(100.0, max(0.0, 100.0 - cv))),
    "uniformity.band.v1": band,
    "uniformity.from_cv.v1": from_cv,
    "weight.mean.v1": weight_mean,
    "health.farm.v1": health,
    "deviation.v1": deviation,
    "norm.min_max.v1": norms,
    "score.composite.v1": composite,
    "rank.v1": rank,
    "percentile.linear.v1": linear,
    "percentile.nearest_rank.v1": nearest_rank,
    "error_rate.v1": rate(lambda errors, total: errors),
    "availability.v1": rate(lambda errors, total: total - errors),
    "hen_day.v1": lambda eggs, hen_days: capped(per_halves("fraction", eggs, hen_days)),
    "hen_housed.v1": hen_housed,
    "eggs_per_hen_housed.v1": lambda eggs, housed: quotient("eggs_per_hen", eggs, housed),
    "egg_mass_per_hen_day.v1": lambda egg_mass_g, hen_days: per_halves("g_per_day", egg_mass_g, hen_days),
    "density.v1": lambda live_weight_g, area_cm2: quotient("kg_per_m2", 10 * live_weight_g, area_cm2),
    "water_feed.v1": lambda water_ml, feed_g: quotient("ratio", water_ml, feed_g),
    "feed_cost.v1": feed_cost,
    "moments.integer.v1": accumulated(lambda parts: Integers([value for part in parts for value in part])),
    "moments.f64.v1": accumulated(Doubles),
}
assert FIGURES.keys() == SIGNATURES.keys()
