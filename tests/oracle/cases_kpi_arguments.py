"""`kpi.evaluate`: every argument of every figure, with what it may not be. kpi.md section 1."""

import kpi
from kpi_asked import ask, told
from vector_file import VectorFile

NOTES = {
    "Valid": "the arguments that the tests beside it spoil, one at a time",
    "Unknown": "api.md section 4: an argument or method that no figure has is invalid_argument",
    "Nothing": "kpi.md section 1: a count argument other than placed is 0 if left out",
    "Left out": "api.md section 4: an argument without a default is invalid_argument if it is left out",
    "Type": "api.md section 4: an argument of another type is invalid_argument",
    "Non-finite": "kpi.md section 1: NaN and infinities are kpi_non_finite",
    "Negative": "kpi.md section 1: where no range is stated, negative is kpi_negative",
    "Range": "kpi.md section 1: out of its stated range, negative included, is kpi_out_of_range; head-days are multiples of 0.5, there is no bare kg float",
    "Overflow": "kpi.md section 1: counts are u64, past that kpi_overflow",
    "Written": "api.md section 5: whole numbers past 2^53 are decimal strings; a whole number is one however it is written",
}
NAN, INF, MINUS = ({"f64": name} for name in ("NaN", "Infinity", "-Infinity"))

# Values by kind: what a figure takes, and what it refuses as what.
NON_FINITE = [(NAN, "Non-finite", "kpi_non_finite"), (INF, "Non-finite", "kpi_non_finite"), (MINUS, "Non-finite", "kpi_non_finite")]
TYPES = [(True, "Type", "invalid_argument"), ("many", "Type", "invalid_argument"), ("1.5", "Type", "invalid_argument"), ([1], "Type", "invalid_argument")]
KINDS = {
    kpi.count: (
        3,
        [(-1, "Negative", "kpi_negative"), (1.5, "Range", "kpi_out_of_range"), (str(2**64), "Overflow", "kpi_overflow"), ("9" * 50, "Overflow", "kpi_overflow")],
    ),
    kpi.halves: (
        4.5,
        [(-0.5, "Negative", "kpi_negative"), (0.25, "Range", "kpi_out_of_range"), (1e300, "Overflow", "kpi_overflow"), (str(2**63), "Overflow", "kpi_overflow")],
    ),
    kpi.share: (0.5, [(-0.01, "Range", "kpi_out_of_range"), (1.01, "Range", "kpi_out_of_range"), (95, "Range", "kpi_out_of_range")]),
    kpi.positive: (1.5, [(-1, "Negative", "kpi_negative"), (-1e-300, "Negative", "kpi_negative")]),
}
DAYS = kpi.DAYS[0]
# Figures whose arguments are lists, maps or hang together otherwise.
BASES = {
    "mortality.first_week.v1": {"placed": 100, "daily_dead": [1, 0, 0, 0, 0, 0, 0]},
    "mortality.cumulative_daily.v1": {"placed": 100, "daily_dead": [1, 2], "daily_culled": [0, 1], "daily_out": [5, 0], "daily_in": [0, 3]},
    "head_days.daily_mean.v1": {"daily": [[5, 4], [4, 6, 2]]},
    "head_days.exits.v1": {"placed": 10, "entries": [[2, 3]], "exits": [[4, 1]], "days": 9},
    "mean.head_day_weighted.v1": {"x": [1.5, 2], "head_days": [3, 4.5]},
    "epef.flocks.v1": {"values": [380, 400.5]},
    "cv.v1": {"weights": [2.5, 3], "population": True},
    "uniformity.score.v1": {"weights": [2.5, 3]},
    "uniformity.band.v1": {"weights": [2.5, 3], "band": 0.2},
    "weight.mean.v1": {"weights": [2.5, 3], "flock_size": 100},
    "deviation.v1": {"actual": 1, "target": 2},
    "norm.min_max.v1": {"values": [1.5, 2], "lower_is_better": True},
    "score.composite.v1": {"norms": {"a": 0.5}, "weights": {"a": 1}, "min_coverage": 0.5},
    "rank.v1": {"cohort": [{"id": "a", "figures": {"x": 1}}], "weights": {"x": {"weight": 1, "lower_is_better": True}}},
    "percentile.linear.v1": {"values": [1.5, 2], "p": 0.5},
    "percentile.nearest_rank.v1": {"values": [1.5, 2], "p": 0.5},
    "feed_cost.v1": {"cost_minor": 12, "weight_g": 1000},
    "moments.integer.v1": {"parts": [[1, 2], [3]]},
    "moments.f64.v1": {"parts": [[1.5, 2], [3]]},
    "epef.v1": {"survival": 0.95, "weight_g": 1850, "age_days": 44, "fcr": 1.88, "fcr_basis": "live_weight"},
    "ebi.v1": {"adg_g": 61, "survival": 0.95, "fcr": 1.88, "fcr_basis": "gain"},
    "fcr.corrected.v1": {"fcr": 1.5, "weight_g": 2300, "reference_g": 2500, "per_100g": 0.02},
    "error_rate.v1": {"errors": 3, "total": 1000},
    "availability.v1": {"errors": 3, "total": 1000},
}
LISTS = {"daily_dead": kpi.count, "daily_culled": kpi.count, "x": None, "head_days": kpi.halves, "weights": kpi.positive}
# Counts of which the page may be read so that they are 0 if left out.
UNSAID = {"area_cm2", "water_ml", "cost_minor", "days", "biomass_dead_g", "entries", "exits"}


def base(method: str) -> dict:
    signature = kpi.SIGNATURES[method]
    made = {name: 37 if kind is DAYS else KINDS[kind][0] for name, (kind, _) in signature.items() if kind is DAYS or kind in KINDS}
    if "placed" in made:
        made["placed"] = 100
    return BASES.get(method, made)


def build():
    file = VectorFile("kpi/arguments.json", NOTES)
    group = file.group("kpi.evaluate")

    def refused(method, comment, flag, code, args):
        assert told(method, args)[0] == code, (method, comment, code, told(method, args))
        ask(group, f"{method}: {comment}", [flag], method, args)

    for method in sorted(kpi.SIGNATURES):
        args = base(method)
        assert not told(method, args)[0], (method, args)
        ask(group, f"{method}: as it is meant", ["Valid"], method, args)
        refused(method, "an argument that no figure has", "Unknown", "invalid_argument", args | {"unheard_of": 1})
        for name, (kind, default) in kpi.SIGNATURES[method].items():
            if default is kpi.NEED and name not in UNSAID:
                refused(method, f"without {name}", "Left out", "invalid_argument", {key: value for key, value in args.items() if key != name})
            if name not in args or name == "fcr_basis":
                continue
            wrongs = KINDS[kpi.positive][1] if kind is DAYS else KINDS[kind][1] if kind in KINDS else []
            if name in LISTS and kind not in KINDS and method not in ("score.composite.v1", "rank.v1"):
                for wrong, flag, code in (KINDS[LISTS[name]][1] if LISTS[name] else []) + NON_FINITE:
                    refused(method, f"{wrong} in {name}", flag, code, args | {name: [wrong, *args[name][1:]]})
                refused(method, f"{name} that is no list", "Type", "invalid_argument", args | {name: 5})
                refused(method, f"a text in {name}", "Type", "invalid_argument", args | {name: ["many", *args[name][1:]]})
            for wrong, flag, code in [*wrongs, *NON_FINITE, *TYPES[: 2 if at_edge(name) else 4]] if wrongs else []:
                refused(method, f"{name} of {wrong}", flag, code, args | {name: wrong})
    for method in ("fcr.v1", "survival.v2", "survival", "", "rank", "moments.v1"):
        refused(method, "a method that is none", "Unknown", "invalid_argument", {"placed": 1})
    for given in (180, 180.0, "180", "0180"):
        ask(group, f"fcr.live_weight.v1: 180 written as {given!r}", ["Written"], "fcr.live_weight.v1", {"feed_g": given, "live_weight_out_g": 202})
    for given in (0.5, 1, 1.0, "1"):
        ask(group, f"percentile.linear.v1: p written as {given!r}", ["Written"], "percentile.linear.v1", {"values": [1, "2", 3.0], "p": given})
    for method in sorted(kpi.SIGNATURES):
        args = base(method)
        for name, (kind, default) in kpi.SIGNATURES[method].items():
            if kind is kpi.count and default == 0 and name in args:
                ask(group, f"{method}: without {name}", ["Nothing"], method, {key: value for key, value in args.items() if key != name})
    return [file]


def at_edge(name: str) -> bool:
    """A conversion may be a result, and a quantity a map: lists are asked of others."""
    return name in ("fcr", "actual", "target")


if __name__ == "__main__":
    print(sum(len(group.tests) for file in build() for group in file.groups))
