"""Figures of a list: spread, uniformity, percentiles, moments."""

import math
from fractions import Fraction

import kpi_numbers as numbers
from kpi_numbers import divided, finite
from kpi_result import known, ok, quotient, undefined


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
