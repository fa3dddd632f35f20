"""Every figure, from kpi.md alone: `evaluate(method, args)` gives the members of its result, or refuses with a code.

`SIGNATURES` is the second column of the table; FIGURES the third and fourth. A member that is not computed in a fixed order of double
operations has its tolerance under `near` (of the value) or `near_ci`. What the page leaves open is in no result: `n` and `missing` are there
where a figure is of a list.
"""

import math
from fractions import Fraction

import kpi_numbers as numbers
from kpi_numbers import Doubles, Integers, count, divided, finite, halves, neumaier, positive, real, share
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


# Arguments of more than one number.


def flag(value) -> bool:
    if not isinstance(value, bool):
        raise Refused("invalid_argument")
    return value


def list_of(kind):
    def read(value):
        if not isinstance(value, list):
            raise Refused("invalid_argument")
        return [None if member is None else kind(member) for member in value]

    return read


def parts_of(kind):
    def read(value):
        if not isinstance(value, list):
            raise Refused("invalid_argument")
        return [list_of(kind)(part) for part in value]

    return read


def as_given(kind):
    """A number whose kind is checked, but which stays an integer where it is one of 64 bits."""

    def read(value):
        checked = kind(value)
        given = numbers.exact(value)
        return int(given) if abs(given) <= numbers.U64 and given == int(given) else checked

    return read


def optional(kind):
    return lambda value: None if value is None else kind(value)


def named(kind):
    def read(value):
        if not isinstance(value, dict):
            raise Refused("invalid_argument")
        return {name: kind(value[name]) for name in sorted(value)}

    return read


def tuple_of(least: int, most: int):
    def read(value):
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise Refused("invalid_argument")
        return [count(member) for member in value]

    return read


def ratio_or_result(value):
    """A feed conversion: a number, or the figure that gives it."""
    if isinstance(value, dict) and "method" in value:
        result = evaluate(value["method"], value["args"])
        if result.get("basis") is None:
            raise Refused("invalid_argument")
        return result
    return positive(value)


def quantity(value):
    if isinstance(value, dict) and "f64" not in value:
        if "value" not in value:
            raise Refused("invalid_argument")
        return optional(real)(value["value"]), value.get("unit")
    return optional(real)(value), None


def weight(value):
    if not isinstance(value, dict) or not {"weight"} <= set(value) <= {"weight", "lower_is_better"}:
        raise Refused("invalid_argument")
    return real(value["weight"]), flag(value.get("lower_is_better", False))


def member(value):
    if not isinstance(value, dict) or set(value) != {"id", "figures"} or not isinstance(value["id"], str):
        raise Refused("invalid_argument")
    return value["id"], named(optional(real))(value["figures"])


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
    "feed_per_dozen.v1": {"feed_g": M, "eggs": C},
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
    "error_rate.v1": {"errors": Z, "total": C},
    "availability.v1": {"errors": Z, "total": C},
    "hen_day.v1": {"eggs": C, "hen_days": HEAD_DAYS},
    "hen_housed.v1": {"eggs": C, "housed": C, "days": DAYS},
    "eggs_per_hen_housed.v1": {"eggs": C, "housed": C},
    "egg_mass_per_hen_day.v1": {"egg_mass_g": M, "hen_days": HEAD_DAYS},
    "density.v1": {"live_weight_g": M, "area_cm2": C},
    "water_feed.v1": {"water_ml": C, "feed_g": M},
    "feed_cost.v1": {"cost_minor": C, "weight_g": (count, None), "eggs": (count, None)},
    "moments.integer.v1": {"parts": (parts_of(count), NEED)},
    "moments.f64.v1": {"parts": (parts_of(real), NEED)},
}


# Results.


def ok(unit: str, value, *warnings: str, **more) -> dict:
    value = finite(value) if isinstance(value, float) else value
    return {"value": value, "status": "ok", "reason": None, "unit": unit, "warnings": list(warnings)} | more


def undefined(unit: str, reason: str, *warnings: str, **more) -> dict:
    return {"value": None, "status": "undefined", "reason": reason, "unit": unit, "warnings": list(warnings)} | more


def quotient(unit: str, num: int, den: int, *warnings: str, **more) -> dict:
    more |= {"num": num, "den": den}
    if den == 0:
        return undefined(unit, "zero_denominator", *warnings, **more)
    return ok(unit, float(num) / float(den), *warnings, **more)


def per_halves(unit: str, num: int, twice: int, *warnings: str) -> dict:
    """Over head-days: both doubled where there is half a day."""
    return quotient(unit, num, twice // 2, *warnings) if twice % 2 == 0 else quotient(unit, 2 * num, twice, *warnings)


def known(values: list) -> tuple[list, dict, tuple]:
    present = [value for value in values if value is not None]
    missing = len(values) - len(present)
    return present, {"n": len(present), "missing": missing}, ("input_missing",) if missing else ()


def mismatch(holds: bool):
    if holds:
        raise Refused("kpi_inventory_mismatch")


# Animals.


def animals(share_of):
    def figure(placed, moved_in, dead, culled, moved_out):
        came = placed + moved_in
        mismatch(dead + culled + moved_out > came)
        return quotient("fraction", *share_of(came, dead, culled, moved_out))

    return figure


def inventory(placed, moved_in, dead, culled, moved_out, sold, left):
    delta = placed + moved_in - (dead + culled + moved_out + sold + left)
    return ok("same_as_input", float(delta), *(("inventory_delta",) if delta else ()))


def first_week(placed, daily_dead):
    week = daily_dead[:7]
    present, counted, warnings = known(week)
    mismatch(sum(present) > placed)
    if len(present) < 7:
        return undefined("fraction", "too_few_values", *warnings, **counted)
    return quotient("fraction", sum(present), placed, **counted)


def cumulative_daily(placed, daily_dead, daily_culled, daily_out, daily_in):
    days = len(daily_dead)
    lists = [[0] * days if one is None else one for one in (daily_dead, daily_culled, daily_out, daily_in)]
    if any(len(one) != days for one in lists):
        raise Refused("invalid_argument")
    missing = sum(cell is None for one in lists for cell in one)
    present, terms = placed, []
    for dead, culled, out, came in zip(*([cell or 0 for cell in one] for one in lists), strict=True):
        mismatch(dead + culled > present)
        if dead + culled:
            terms.append(float(dead + culled) / float(present))
        present += came - dead - culled - out
        mismatch(present < 0)
    warnings = ("input_missing",) if missing else ()
    if placed == 0:
        return undefined("fraction", "zero_denominator", *warnings, missing=missing)
    return ok("fraction", neumaier(terms), *warnings, missing=missing)


def daily_mean(daily):
    present, counted, warnings = known(daily)
    for start, end, *came in present:
        mismatch(end > start + sum(came))
    return ok("head_days", float(sum(start + end for start, end, *_ in present)) / 2.0, *warnings, **counted)


def exits(placed, entries, exits, days):
    """Animal by animal in effect: who comes on day e and is there to the end has days - e - 1 whole days, who leaves on day x has x fewer to go."""
    mismatch(any(day > days and heads for day, heads in exits))
    total, present = placed * days, placed
    for day in sorted({day for day, _ in entries + exits}):
        came, left = (sum(heads for at, heads in moves if at == day) for moves in (entries, exits))
        mismatch(left > present + came)
        rest = max(days - day, 0)
        stayed = max(left - present, 0)
        total += (came - stayed) * max(rest - 1, 0) - (left - stayed) * rest
        present += came - left
    if not -(2**127) <= total < 2**127:
        raise Refused("kpi_overflow")
    return ok("head_days", float(total))


def head_day_weighted(x, head_days):
    if len(x) != len(head_days):
        raise Refused("invalid_argument")
    pairs, counted, warnings = known([None if None in pair else pair for pair in zip(x, head_days, strict=True)])
    unit, total = "same_as_input", sum(h for _, h in pairs)
    if total == 0:
        return undefined(unit, "zero_denominator", *warnings, **counted)
    if all(isinstance(x, int) and h % 2 == 0 for x, h in pairs):
        return quotient(unit, sum(x * (h // 2) for x, h in pairs), total // 2, *warnings, **counted)
    return ok(unit, neumaier(float(x) * (h / 2) for x, h in pairs) / neumaier(h / 2 for _, h in pairs), *warnings, **counted)


# Growth and feed.


def a_day(gain: int, days, *warnings: str) -> dict:
    if isinstance(days, int) and days < 9 * 10**18:
        return quotient("g_per_day", gain, days, *warnings)
    return ok("g_per_day", divided(float(gain), days), *warnings)


def loses(gain: int) -> tuple:
    return ("negative_gain",) if gain < 0 else ()


def adg_net(weight_start_g, weight_end_g, days):
    gain = weight_end_g - weight_start_g
    return a_day(gain, days, *loses(gain))


def adg_group(weight_in_g, weight_sold_g, weight_moved_out_g, head_days):
    gain = weight_sold_g + weight_moved_out_g - weight_in_g
    return per_halves("g_per_day", gain, head_days, *loses(gain))


def sgr(weight_start_g, weight_end_g, days):
    unit = "percent_per_day"
    if 0 in (weight_start_g, weight_end_g):
        return undefined(unit, "not_defined")
    if days == 0:
        return undefined(unit, "zero_denominator")
    # A logarithm of a double, as integers become doubles first.
    start, end = numbers.ln(int(float(weight_start_g))), numbers.ln(int(float(weight_end_g)))
    near = divided(100 * (start + end + 1) * 4e-16, float(days))
    return ok(unit, divided(100 * (end - start), float(days)), *loses(weight_end_g - weight_start_g), near=near)


def per_gain(feed: int, gain: int, **more) -> dict:
    if gain <= 0:
        return undefined("ratio", "not_defined", num=feed, den=gain, **more)
    return quotient("ratio", feed, gain, **more)


def closeout(feed_g, weight_started_g, weight_sold_g, weight_moved_out_g, weight_dead_g=0):
    return per_gain(feed_g, weight_sold_g + weight_moved_out_g + weight_dead_g - weight_started_g, basis="gain")


def biological(feed_g, biomass_in_g, biomass_out_g, biomass_dead_g):
    return per_gain(feed_g, biomass_out_g + biomass_dead_g - biomass_in_g)


def corrected(fcr, weight_g, reference_g, per_100g):
    off = weight_g - reference_g
    value = fcr - (float(off) / 100.0) * per_100g
    if value <= 0:
        raise Refused("kpi_out_of_range")
    return ok("ratio", value, *(("far_from_reference",) if abs(off) > 500 else ()))


def index(points):
    def figure(fcr, fcr_basis, **more):
        basis = fcr["basis"] if isinstance(fcr, dict) else fcr_basis
        if basis not in ("live_weight", "gain"):
            raise Refused("invalid_argument")
        warnings, value = ("basis_gain",) if basis == "gain" else (), fcr["value"] if isinstance(fcr, dict) else fcr
        if value is None:
            return undefined("points", fcr["reason"], *warnings, basis=basis)
        if value == 0 or more.get("age_days") == 0:
            return undefined("points", "zero_denominator", *warnings, basis=basis)
        return ok("points", points(fcr=value, **more), *warnings, basis=basis)

    return figure


def epef(survival, weight_g, age_days, fcr):
    return divided(survival * 100.0 * (float(weight_g) / 1000.0), float(age_days) * fcr) * 100.0


def ebi(adg_g, survival, fcr):
    return divided(adg_g * survival * 100.0, fcr * 10.0)


def feed_cost(cost_minor, weight_g, eggs):
    if (weight_g is None) == (eggs is None):
        raise Refused("invalid_argument")
    if eggs is None:
        return quotient("minor_units_per_kg", 1000 * cost_minor, weight_g)
    return quotient("minor_units_per_dozen", 12 * cost_minor, eggs)


# Eggs and operations.


def capped(result: dict) -> dict:
    if result["value"] is not None and result["value"] > 1:
        result["warnings"].append("above_one")
    return result


def hen_housed(eggs, housed, days):
    if isinstance(days, int) and days < 9 * 10**18:
        return capped(quotient("fraction", eggs, housed * days))
    if housed == 0:
        return undefined("fraction", "zero_denominator")
    return capped(ok("fraction", divided(float(eggs), float(housed) * days)))


def rate(part):
    def figure(errors, total):
        if errors > total:
            raise Refused("kpi_out_of_range")
        return quotient("fraction", part(errors, total), total)

    return figure


# Lists.


def summary(unit: str, of, counted: dict, warnings: tuple) -> dict:
    result = {"unit": unit, "warnings": list(warnings), **counted, "mean": None, "sd": None, "ci95_low": None, "ci95_high": None}
    result |= {"min": None, "max": None}
    if of.n:
        result |= {"mean": of.mean(), "min": float(of.ends[0]), "max": float(of.ends[1])}
    if of.n > 1:
        half = numbers.t_975(of.n - 1) * (of.sd() / math.sqrt(float(of.n)))
        result |= {"sd": of.sd(), "ci95_low": finite(of.mean() - half), "ci95_high": finite(of.mean() + half)}
        result["near_ci"] = 1e-12 * half + 4e-16 * abs(of.mean())
    return result


def flocks(values):
    present, counted, warnings = known(values)
    return summary("points", numbers.moments(present), counted, warnings)


def weight_mean(weights, flock_size):
    present, counted, warnings = known(weights)
    least = 100 if flock_size is None else min(Fraction(100), Fraction(flock_size, 100))
    small = ("small_sample",) if len(present) < least else ()
    return summary("g", numbers.moments(present), counted, warnings + small)


def variation(then):
    def figure(weights, population=False):
        present, counted, warnings = known(weights)
        if len(present) < 2:
            numbers.moments(present)
            return undefined("percent", "too_few_values", *warnings, **counted)
        of = numbers.moments(present)
        mean = of.mean()
        if mean == 0:
            return undefined("percent", "zero_denominator", *warnings, **counted)
        return ok("percent", then(finite(divided(100.0 * of.sd(population), mean))), *warnings, **counted)

    return figure


def band(weights, band):
    present, counted, warnings = known(weights)
    if not present:
        return undefined("fraction", "no_values", *warnings, **counted)
    integers = numbers.whole(present)
    if integers is not None and band in (0.10, 0.20):
        tenths, total, n = {0.10: 1, 0.20: 2}[band], sum(integers), len(integers)
        if total == 0:
            return undefined("fraction", "zero_denominator", *warnings, **counted)
        within = sum((10 - tenths) * total <= 10 * n * weight <= (10 + tenths) * total for weight in integers)
        return quotient("fraction", within, n, *warnings, **counted)
    mean = numbers.moments(present).mean()
    if mean == 0:
        return undefined("fraction", "zero_denominator", *warnings, **counted)
    within = sum((1 - band) * mean <= float(weight) <= (1 + band) * mean for weight in present)
    return quotient("fraction", within, len(present), *warnings, **counted)


def from_cv(cv):
    if cv == 0:
        return ok("percent", 100.0)
    with_root = Fraction(10) / Fraction(cv)
    # 2Φ(x) − 1 = erf(x / √2).
    root = Fraction(math.isqrt(2 * 10**80), 10**40)
    return ok("percent", 100.0 * numbers.erf(with_root / root), near=1e-12)


def linear(values, p):
    present, counted, warnings = known(values)
    if not present:
        return undefined("same_as_input", "no_values", *warnings, **counted)
    ordered = sorted(map(float, present))
    h = p * float(len(ordered) - 1)
    at = math.floor(h)
    low = ordered[at]
    value = low if at + 1 == len(ordered) else low + (h - float(at)) * finite(ordered[at + 1] - low)
    return ok("same_as_input", value, *warnings, **counted)


def nearest_rank(values, p):
    present, counted, warnings = known(values)
    if not present:
        return undefined("same_as_input", "no_values", *warnings, **counted)
    # The decimal that was typed is the shortest one that is read as this double.
    at = max(math.ceil(Fraction(repr(p)) * len(present)), 1)
    return ok("same_as_input", sorted(map(float, present))[at - 1], *warnings, **counted)


def accumulated(kind, unit="same_as_input"):
    def figure(parts):
        values = [value for part in parts for value in part]
        _, counted, warnings = known(values)
        return summary(unit, kind([known(part)[0] for part in parts]), counted, warnings)

    return figure


# Scores.


def health(mortality, morbidity, treatment):
    first, second, third = (max(0.0, 100.0 - loss) for loss in (1000.0 * mortality, 100.0 * morbidity, 100.0 * treatment))
    return ok("points", 0.4 * first + 0.3 * second + 0.3 * third)


def deviation(actual, target):
    (actual, unit), (target, other) = actual, target
    if unit != other:
        raise Refused("kpi_unit_mismatch")
    if actual is None or target is None:
        return undefined("fraction", "no_values")
    if target == 0:
        return undefined("fraction", "zero_denominator")
    return ok("fraction", finite(divided(finite(actual - target), abs(target))))


def norms(values, lower_is_better):
    present, counted, warnings = known(values)
    if not present:
        return ok("fraction", [None] * len(values), *warnings, **counted)
    low, high = min(present), max(present)
    width = finite(high - low)

    def norm(x):
        if x is None or width == 0:
            return None if x is None else 0.5
        return (high - x) / width if lower_is_better else (x - low) / width

    return ok("fraction", [norm(value) for value in values], *warnings, **counted)


def composite(norms, weights, min_coverage=0.5):
    if any(weight < 0 for weight in weights.values()):
        raise Refused("kpi_bad_weights")
    total = plain(weights.values())
    if total == 0:
        raise Refused("kpi_bad_weights")
    finite(total)
    present = [(weights[name], norms[name]) for name in weights if norms.get(name) is not None]
    weight = plain(weight for weight, _ in present)
    coverage, missing = weight / total, len(weights) - len(present)
    more = {"coverage": coverage, "n": len(present), "missing": missing}
    warnings = ("input_missing",) if missing else ()
    if coverage < min_coverage or weight == 0:
        return undefined("points", "low_coverage", *warnings, **more)
    return ok("points", plain(weight * norm for weight, norm in present) / weight, *warnings, **more)


def plain(terms) -> float:
    """Left to right, as Python's own sum of floats is compensated since 3.12."""
    total = 0.0
    for term in terms:
        total += term
    return total


def rank(cohort, weights):
    if len({name for name, _ in cohort}) != len(cohort):
        raise Refused("kpi_bad_row")
    shares = {name: weight for name, (weight, _) in weights.items()}
    composite({}, shares)
    normed = {name: norms([figures.get(name) for _, figures in cohort], lower)["value"] for name, (_, lower) in weights.items()}
    scored = []
    for at, (name, _) in enumerate(cohort):
        one = composite({figure: values[at] for figure, values in normed.items()}, shares)
        scored.append({"id": name, "rank": None, "score": one["value"], "coverage": one["coverage"]})
    scored.sort(key=lambda one: (one["score"] is None, -(one["score"] or 0.0), one["id"]))
    for one in scored:
        if one["score"] is not None:
            one["rank"] = 1 + sum(other["score"] is not None and other["score"] > one["score"] for other in scored)
    return {"value": scored}


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
