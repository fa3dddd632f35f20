"""Figures of growth, feed, eggs and operations."""

import kpi_numbers as numbers
from kpi_numbers import divided
from kpi_result import ok, per_halves, quotient, undefined
from wire import Refused


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
