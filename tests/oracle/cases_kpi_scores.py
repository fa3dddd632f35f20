"""`kpi.evaluate`: health, deviations, norms, composites and ranks. kpi.md section 2."""

from kpi_asked import Asked
from vector_file import VectorFile

NOTES = {
    "Health": "kpi.md section 2: 0.4*max(0, 100 - 1000*mort) + 0.3*max(0, 100 - 100*morb) + 0.3*max(0, 100 - 100*treat)",
    "Deviation": "kpi.md section 2: (actual - target)/|target|; a target of 0 is undefined",
    "Unit": "kpi.md section 2: two units are kpi_unit_mismatch",
    "Norm": "kpi.md section 2: all equal is 0.5, missing stays missing, empty stays empty",
    "Composite": "kpi.md section 2: over the figures present; coverage; below min_coverage undefined",
    "Weights": "kpi.md section 2: weights of 0 or more with a sum above 0, else kpi_bad_weights",
    "Rank": "kpi.md section 2: 1, 2, 2, 4 over equal doubles; without a score last, no rank",
    "CodePoint": "kpi.md section 2: equal ones by id in code points, not UTF-16 units",
    "Row": "kpi.md section 2: an id twice is kpi_bad_row",
    "Range": "kpi.md section 1: a share outside 0..1 is kpi_out_of_range, negative included; NaN and infinities are kpi_non_finite",
    "Large": "kpi.md section 2: a range past the doubles is kpi_overflow",
    "Order": "kpi.md section 1: a sum over a map goes by name in code-point order, plain",
}
NAN, INF = {"f64": "NaN"}, {"f64": "Infinity"}
LOW, CHICKEN = "\uff5e", "\U0001f414"


def health(group):
    case = Asked(group, "health.farm.v1")
    for a, b, c, want in ((0.04, 0.10, 0.15, 76.5), (0, 0, 0, 100), (1, 1, 1, 0), (0.1, 0, 0, 60), (0.2, 0, 0, 60), (0, 1, 0, 70), (0, 0, 1, 70), (0.035, 0.02, 0.3, ...)):
        case("Health", f"{a}, {b}, {c}", want, 1e-12, mortality=a, morbidity=b, treatment=c)
    names = ("mortality", "morbidity", "treatment")
    for name in names:
        for wrong, code in ((4, "kpi_out_of_range"), (1.0000000000000002, "kpi_out_of_range"), (-0.1, "kpi_out_of_range"), (NAN, "kpi_non_finite"), (INF, "kpi_non_finite")):
            case("Range", f"{name} of {wrong}", code, **dict.fromkeys(names, 0) | {name: wrong})


def deviation(group):
    case = Asked(group, "deviation.v1")
    for actual, target in ((61, 65), (65, 65), (2257, 2400), (0, 5), (-3, -2), (1, -2), (59.86, 65.0), (1e-300, 1e300), (2**53 + 1, 2**53)):
        want = (actual - target) / abs(target) if target < 2**53 else ...
        case("Deviation", f"{actual} against {target}", want, actual=actual, target=target)
    case("Deviation", "a target of 0", "zero_denominator", actual=5, target=0)
    case("Deviation", "both 0", "zero_denominator", actual=0, target=0)
    case("Large", "past the doubles", "kpi_overflow", actual=1e308, target=-1e308)
    case("Large", "a tiny target", "kpi_overflow", actual=1e300, target=5e-324)
    for name in ("actual", "target"):
        for wrong in (NAN, INF):
            case("Range", f"{name} of {wrong}", "kpi_non_finite", **{"actual": 1, "target": 1} | {name: wrong})

    def of(value, unit):
        return {"value": value, "unit": unit}

    case("Unit", "one unit", -4 / 65, actual=of(61, "g_per_day"), target=of(65, "g_per_day"))
    case("Unit", "kg against g", "kpi_unit_mismatch", actual=of(2.257, "kg"), target=of(2257, "g"))
    case("Unit", "a unit of the caller's own", 0.5, actual=of(3, "lb"), target=of(2, "lb"))
    case("Unit", "another case", "kpi_unit_mismatch", actual=of(3, "g"), target=of(2, "G"))
    case("Unit", "a target of 0 in two units", "kpi_unit_mismatch", actual=of(3, "g"), target=of(0, "kg"))


def norms(group):
    case = Asked(group, "norm.min_max.v1")
    lists = {
        "of the page": [1.5, 1.6, 1.7],
        "three": [0, 4, 1],
        "negative ones": [-2, 0, 6],
        "missing ones": [1.5, None, 2.0, 1.75, None],
        "only missing ones": [None, None],
        "equal": [3, 3, 3],
        "one": [7],
        "one and a missing one": [None, 7],
        "empty": [],
        "thirds": [1, 2, 4],
        "small differences": [1, 1.0000000000000002, 1.0000000000000004],
        "zero and negative zero": [0.0, -0.0],
        "ends of the doubles": [0, 1.7976931348623157e308, 5e-324],
        "past 2^53": [str(2**60 + 1), str(2**60 + 300), 5],
    }
    for name, values in lists.items():
        for lower in (False, True):
            case("Norm", f"{name}, {'lower' if lower else 'higher'} is better", ..., values=values, lower_is_better=lower)
    case("Norm", "higher is better where nothing is said", [0, 1, 0.25], values=[0, 4, 1])
    case("Norm", "equal, in words", [0.5, 0.5], values=[3, 3], lower_is_better=True)
    case("Large", "too far apart", "kpi_overflow", values=[-1e308, 1e308])
    for wrong in (NAN, INF, {"f64": "-Infinity"}):
        case("Range", f"{wrong}", "kpi_non_finite", values=[1, wrong])


def composites(group):
    case = Asked(group, "score.composite.v1")
    weights = {"fcr": 2, "adg": 1, "health": 1}
    case("Composite", "all are there", (2 + 0.5 + 0.25) / 4, norms={"fcr": 1, "adg": 0.5, "health": 0.25}, weights=weights)
    case("Composite", "one is missing", 2.5 / 3, norms={"fcr": 1, "adg": 0.5, "health": None}, weights=weights)
    case("Composite", "one is left out", 2.5 / 3, norms={"fcr": 1, "adg": 0.5}, weights=weights)
    case("Composite", "half of the weight", 1, norms={"fcr": 1}, weights=weights)
    case("Composite", "less than half", "low_coverage", norms={"adg": 1}, weights=weights)
    case("Composite", "less than half is enough", 1, norms={"adg": 1}, weights=weights, min_coverage=0.25)
    case("Composite", "three quarters are not enough", "low_coverage", norms={"fcr": 1, "adg": 0.5}, weights=weights, min_coverage=0.8)
    case("Composite", "all must be there", "low_coverage", norms={"fcr": 1, "adg": 0.5}, weights=weights, min_coverage=1)
    case("Composite", "all must be there, and are", 0.5, norms={"fcr": 0.5, "adg": 0.5, "health": 0.5}, weights=weights, min_coverage=1)
    case("Composite", "nothing is there", "low_coverage", norms={}, weights=weights)
    case("Composite", "zeros", 0, norms={"fcr": 0, "adg": 0, "health": 0}, weights=weights)
    case("Composite", "one weighs nothing", 0.5, norms={"fcr": 0.5, "adg": 1}, weights={"fcr": 3, "adg": 0})
    tenths = {"a": 0.1, "b": 0.2, "c": 0.3, LOW: 0.4, CHICKEN: 0.7, "Z": 0.6}
    values = {"a": 0.3, "b": 0.1, "c": 0.7, LOW: 0.9, CHICKEN: 0.1, "Z": 0.2}
    case("Order", "whose sum depends on it", ..., norms=values, weights=tenths)
    case("Order", "written the other way", ..., norms=dict(reversed(values.items())), weights=dict(reversed(tenths.items())))
    large = {"a": 1e16, "b": 1, "c": 1, "d": 1}
    case("Order", "plain, not compensated", ..., norms=dict.fromkeys(large, 0.1), weights=large)
    for name, wrong in (("zeros", {"a": 0}), ("negative", {"a": -1, "b": 5}), ("none", {}), ("two zeros", {"a": 0, "b": 0})):
        case("Weights", name, "kpi_bad_weights", norms={"a": 1, "b": 1}, weights=wrong)
    case("Range", "a weight that is none", "kpi_non_finite", norms={"a": 1}, weights={"a": NAN})
    case("Large", "weights past the doubles", "kpi_overflow", norms={"a": 1}, weights={"a": 1.7e308, "b": 1.7e308})
    for wrong, code in ((1.5, "kpi_out_of_range"), (-0.1, "kpi_out_of_range"), (NAN, "kpi_non_finite")):
        case("Range", f"a norm of {wrong}", code, norms={"a": wrong}, weights={"a": 1})
        case("Range", f"a least coverage of {wrong}", code, norms={"a": 1}, weights={"a": 1}, min_coverage=wrong)


def ranks(group):
    case = Asked(group, "rank.v1")

    def row(name, **figures):
        return {"id": name, "figures": figures}

    fcr = {"fcr": {"weight": 1, "lower_is_better": True}}
    both = {"fcr": {"weight": 2, "lower_is_better": True}, "adg": {"weight": 1}}
    one = [{"id": "b", "rank": 1, "score": 1}, {"id": "c", "rank": 2, "score": 0.5}, {"id": "a", "rank": 3, "score": 0}]
    three = [row("a", fcr=2), row("b", fcr=1), row("c", fcr=1.5)]
    case("Rank", "lower is better", one, cohort=three, weights=fcr)
    case("Rank", "higher is better", ..., cohort=three, weights={"fcr": {"weight": 1}})
    case("Rank", "two figures", ..., cohort=[row("a", fcr=1.5, adg=60), row("b", fcr=1.6, adg=65), row("c", fcr=1.7, adg=61)], weights=both)
    tied = [row("d", x=0), row("b", x=1), row("c", x=1), row("a", x=2)]
    places = [{"id": "a", "rank": 1}, {"id": "b", "rank": 2}, {"id": "c", "rank": 2}, {"id": "d", "rank": 4}]
    case("Rank", "1, 2, 2, 4", places, cohort=tied, weights={"x": {"weight": 1}})
    case("Rank", "all equal", [{"id": "a", "rank": 1, "score": 0.5}, {"id": "b", "rank": 1, "score": 0.5}], cohort=[row("b", x=1), row("a", x=1)], weights={"x": {"weight": 1}})
    case("Rank", "one", [{"id": "a", "rank": 1, "score": 0.5, "coverage": 1}], cohort=[row("a", x=3)], weights={"x": {"weight": 1}})
    case("Rank", "nobody", [], cohort=[], weights={"x": {"weight": 1}})
    last = [{"id": "a", "rank": 1}, {"id": "y", "rank": None, "score": None, "coverage": 0}, {"id": "z", "rank": None, "score": None, "coverage": 0}]
    case("Rank", "without a score", last, cohort=[row("z", x=None), row("a", x=3), row("y")], weights={"x": {"weight": 1}})
    some = [row("a", fcr=1.5, adg=60), row("b", fcr=1.6), row("c", adg=61), row("d", fcr=1.4, adg=None)]
    case("Rank", "one of three lacks what counts", ..., cohort=some, weights=both)
    case("Rank", "figures that do not count", ..., cohort=[row("a", x=1, y=9), row("b", x=2, y=1)], weights={"x": {"weight": 1}})
    case("Rank", "a weight of 0", ..., cohort=[row("a", x=1, y=9), row("b", x=2, y=1)], weights={"x": {"weight": 1}, "y": {"weight": 0}})
    case("CodePoint", "a tie beyond the basic plane", [{"id": LOW, "rank": 1}, {"id": CHICKEN, "rank": 1}], cohort=[row(CHICKEN, x=1), row(LOW, x=1)], weights={"x": {"weight": 1}})
    case("CodePoint", "no scores beyond the basic plane", [{"id": LOW}, {"id": CHICKEN}], cohort=[row(CHICKEN), row(LOW)], weights={"x": {"weight": 1}})
    case("CodePoint", "capitals first", [{"id": "Z"}, {"id": "a"}, {"id": "\u00e4"}], cohort=[row("\u00e4", x=1), row("a", x=1), row("Z", x=1)], weights={"x": {"weight": 1}})
    case("CodePoint", "the longer one behind", [{"id": "a"}, {"id": "a1"}, {"id": "a10"}, {"id": "a2"}], cohort=[row("a2", x=1), row("a10", x=1), row("a1", x=1), row("a", x=1)], weights={"x": {"weight": 1}})
    case("Row", "an id twice", "kpi_bad_row", cohort=[row("a", x=1), row("b", x=2), row("a", x=3)], weights={"x": {"weight": 1}})
    for name, wrong in (("negative", {"x": {"weight": -1}}), ("zero", {"x": {"weight": 0}}), ("none", {})):
        case("Weights", name, "kpi_bad_weights", cohort=[row("a", x=1)], weights=wrong)
    case("Large", "too far apart", "kpi_overflow", cohort=[row("a", x=-1e308), row("b", x=1e308)], weights={"x": {"weight": 1}})
    case("Range", "a figure that is none", "kpi_non_finite", cohort=[row("a", x=NAN)], weights={"x": {"weight": 1}})


def build():
    file = VectorFile("kpi/scores.json", NOTES)
    for fill in (health, deviation, norms, composites, ranks):
        fill(file.group("kpi.evaluate"))
    return [file]
