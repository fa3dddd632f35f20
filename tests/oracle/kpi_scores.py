"""Scores: health, deviations, norms, composites and ranks."""

from kpi_numbers import divided, finite
from kpi_result import known, ok, undefined
from wire import Refused


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
