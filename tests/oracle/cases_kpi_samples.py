"""`kpi.evaluate`: how alike the animals of a sample are, and percentiles. kpi.md section 2."""

from kpi_asked import Asked
from vector_file import VectorFile

NOTES = {
    "CV": "kpi.md section 2: 100*sd/mean, n - 1; population; n < 2, then a mean of 0, is undefined; negative is an error",
    "Score": "kpi.md section 2: min(100, max(0, 100 - CV))",
    "Band": "kpi.md section 2: both ends in; for 0.10 and 0.20 by integers, no floats",
    "FromCV": "kpi.md section 2: 100*(2*Phi(10/CV) - 1); CV 0 is 100",
    "Mean": "kpi.md section 2: small_sample if n < min(100, 1 % of flock_size), or n < 100 without it",
    "Linear": "kpi.md section 2: h = p*(n-1), p the double as given",
    "Rank": "kpi.md section 2: the smallest value with k/n >= p, p the decimal that was typed; p = 0 is the minimum",
    "Missing": "kpi.md section 1: null is excluded, counted in missing and warned of; zero is a value",
    "Exact": "kpi.md section 4: whole numbers by integers, whatever way they are written; order changes nothing",
    "Range": "kpi.md section 1: a share outside 0..1 is kpi_out_of_range, NaN and infinities kpi_non_finite, negative kpi_negative",
    "Large": "kpi.md section 4: what passes 128 bits or the largest double is kpi_overflow",
}
MOST = 2**64 - 1
NAN, INF = {"f64": "NaN"}, {"f64": "Infinity"}
TNAU = [945, 1155] + [1050] * 93 + [900, 1200] * 10


def spread(count: int, mean: int, step: int) -> list[int]:
    """A fixed sample without a pattern: multiples of a prime, wrapped around."""
    return [mean + (at * 7919) % (2 * step + 1) - step for at in range(count)]


def tenths(count: int) -> list[float]:
    return [weight / 1000 for weight in spread(count, 2500, 400)]


SETS = {
    "three": [2300, 2500, 2700],
    "kilograms": [2.3, 2.5, 2.7],
    "three as doubles": [2300.0, 2500.0, 2700.0],
    "whole and not": [2, 2.5, 3],
    "equal": [2500] * 5,
    "equal kilograms": [2.5] * 5,
    "two": [1, 2],
    "fifty": spread(50, 2500, 300),
    "fifty kilograms": tenths(50),
    "15 kilograms": tenths(15),
    "16 kilograms": tenths(16),
    "17 kilograms": tenths(17),
    "33 kilograms": tenths(33),
    "with a zero": [0, 1, 2],
    "with missing ones": [2300, None, 2500, None, 2700],
    "kilograms with missing ones": [2.3, None, 2.5, 2.7],
    "far from zero": [10**9 + 4, 10**9 + 7, 10**9 + 13, 10**9 + 16],
    "far from zero in doubles": [1e9 + 4.5, 1e9 + 7.5, 1e9 + 13.5, 1e9 + 16.5],
    "past 2^53": [str(2**60 + 1), str(2**60 + 3), str(2**60 + 8)],
    "past 2^63": [str(2**63 + 1), 7],
    "small": [1e-9, 2e-9, 4e-9],
    "subnormal": [5e-324, 1e-323, 2e-323],
}


def variation(group):
    for method in ("cv.v1", "uniformity.score.v1"):
        case = Asked(group, method)
        is_cv = method == "cv.v1"
        for name, weights in SETS.items():
            case("CV" if is_cv else "Score", name, ..., weights=weights)
        case("CV" if is_cv else "Score", "8 %", 8 if is_cv else 92, weights=[2300, 2500, 2700])
        case("CV" if is_cv else "Score", "200 %", 200 if is_cv else 0, weights=[0, 0, 0, 9])
        case("CV" if is_cv else "Score", "equal", 0 if is_cv else 100, weights=[7, 7])
        case("Exact", "in another order", ..., weights=SETS["fifty"][::-1])
        for name, weights in (("none", []), ("one", [5]), ("only missing ones", [None, None]), ("one and a missing one", [5, None])):
            case("CV" if is_cv else "Score", name, "too_few_values", weights=weights)
        case("CV" if is_cv else "Score", "a mean of 0", "zero_denominator", weights=[0, 0])
        case("CV" if is_cv else "Score", "one, of 0", "too_few_values", weights=[0])
        for name, wrong, code in (("NaN", NAN, "kpi_non_finite"), ("an infinity", INF, "kpi_non_finite"), ("negative", -1, "kpi_negative"), ("a little negative", -0.5, "kpi_negative")):
            case("Range", name, code, weights=[1, wrong])
            case("Range", f"{name}, beside kilograms", code, weights=[2.5, wrong, 2.6])
        case("Large", "squares past 2^128", "kpi_overflow", weights=[str(MOST), str(MOST)])
        case("Large", "squares past the doubles", "kpi_overflow", weights=[1.5, 1e300])
    case = Asked(group, "cv.v1")
    for name in ("three", "kilograms", "two", "fifty", "fifty kilograms", "past 2^53"):
        case("CV", f"population: {name}", ..., weights=SETS[name], population=True)
        case("CV", f"sample, said: {name}", ..., weights=SETS[name], population=False)
    case("CV", "population of one", "too_few_values", weights=[5], population=True)
    case("CV", "population of zeros", "zero_denominator", weights=[0, 0], population=True)


def bands(group):
    case = Asked(group, "uniformity.band.v1")
    case("Band", "of the page", 95 / 115, weights=TNAU)
    case("Band", "of the page, said", 95 / 115, weights=TNAU, band=0.10)
    case("Band", "20 %", 1, weights=TNAU, band=0.2)
    case("Band", "both ends are in", 1, weights=[900, 1000, 1100])
    case("Band", "a gram beside both ends", 1 / 3, weights=[899, 1000, 1101])
    case("Band", "ends of 20 % are in", 1, weights=[800, 1000, 1200], band=0.20)
    case("Band", "a gram above 20 %", 1 / 3, weights=[799, 1000, 1201], band=0.20)
    case("Band", "as doubles, both ends are in", 1, weights=[900.0, 1000.0, 1100.0])
    # (1 - 0.1) * mean and (1 + 0.1) * mean as doubles lie beside these ends.
    for mean in (70, 110, 1320, 30, 2310):
        case("Band", f"ends of {mean}", 1, weights=[mean * 9 // 10, mean, mean * 11 // 10])
        case("Band", f"20 % ends of {mean}", 1, weights=[mean * 8 // 10, mean, mean * 12 // 10], band=0.2)
    case("Band", "a mean that is no whole number", 0, weights=[1, 2])
    case("Band", "kilograms", ..., weights=[2.3, 2.5, 2.7, 2.9])
    case("Band", "kilograms in 20 %", ..., weights=[2.3, 2.5, 2.7, 3.9], band=0.2)
    case("Band", "a band of 0", 1 / 3, weights=[900, 1000, 1100], band=0)
    case("Band", "a band of 1", 1, weights=[0, 1000, 2000], band=1)
    case("Band", "a band of 15 %", 0.5, weights=[800, 900, 1100, 1200], band=0.15)
    case("Band", "a band of 10 %, nearly", ..., weights=[900, 1000, 1100], band=0.10000000000000002)
    case("Band", "one", 1, weights=[5])
    case("Missing", "missing ones", 1, weights=[899, None, 1000, 1080, None])
    case("Band", "fifty", ..., weights=SETS["fifty"])
    case("Band", "fifty kilograms", ..., weights=SETS["fifty kilograms"])
    case("Band", "none", "no_values", weights=[])
    case("Missing", "only missing ones", "no_values", weights=[None])
    case("Band", "zeros", "zero_denominator", weights=[0, 0])
    case("Band", "zeros in 15 %", "zero_denominator", weights=[0, 0], band=0.15)
    case("Exact", "past 2^53", ..., weights=[str(9 * 2**56), str(10 * 2**56), str(11 * 2**56)])
    case("Exact", "past 2^53, one beside the ends", ..., weights=[str(9 * 2**56 - 1), str(10 * 2**56), str(11 * 2**56 + 1)])
    case("Exact", "large ones", ..., weights=[str(MOST), str(MOST), str(MOST - 9)])
    for band in (-0.1, 1.1, 10, 20):
        case("Range", f"a band of {band}", "kpi_out_of_range", weights=[1, 2], band=band)
    case("Range", "a band that is none", "kpi_non_finite", weights=[1, 2], band=NAN)
    case("Range", "a negative weight", "kpi_negative", weights=[1, -2])
    case("Range", "a weight that is none", "kpi_non_finite", weights=[1, INF])


def from_cv(group):
    case = Asked(group, "uniformity.from_cv.v1")
    case("FromCV", "of the page", 68.27, 0.005, cv=10)
    case("FromCV", "all alike", 100, cv=0)
    for cv in (0.001, 1, 2, 3.3, 5, 7.5, 8, 12, 15, 20, 30, 100, 1000, 1e6, 1e300):
        case("FromCV", f"{cv} %", ..., cv=cv)
    case("Range", "negative", "kpi_negative", cv=-1)
    case("Range", "none", "kpi_non_finite", cv=NAN)


def means(group):
    case = Asked(group, "weight.mean.v1")
    for name, weights in SETS.items():
        case("Mean", name, ..., weights=weights)
    hundred = spread(100, 2500, 300)
    for count, flock in ((100, None), (99, None), (99, 9900), (98, 9900), (99, 9901), (100, 20_000), (99, 20_000), (3, 300), (2, 300), (3, 301), (1, 0)):
        more = {} if flock is None else {"flock_size": flock}
        case("Mean", f"{count} of {flock or 'an unknown flock'}", ..., weights=hundred[:count], **more)
    case("Mean", "none", None, weights=[])
    case("Mean", "none of none", None, weights=[], flock_size=0)
    case("Mean", "one", 5, weights=[5])
    case("Missing", "missing ones", 2500, weights=[2400, None, 2600])
    case("Exact", "in another order", ..., weights=hundred[::-1], flock_size=9000)
    case("Range", "negative", "kpi_negative", weights=[1, -2])
    case("Range", "none", "kpi_non_finite", weights=[1, NAN])
    case("Large", "past the doubles", "kpi_overflow", weights=[1e308, 1.5e308, 1e308])


def percentiles(group):
    lists = {
        "1 to 20": list(range(1, 21)),
        "1 to 100, mixed": [(at * 37) % 101 for at in range(1, 101)],
        "four": [4, 1, 3, 2],
        "equal": [7, 7, 7],
        "one": [42],
        "kilograms": [2.7, 2.3, 2.5],
        "below and above zero": [-5, 3.5, 0, -2.25],
        "missing ones": [4, None, 1, 3, None, 2],
        "ends of the doubles": [1.7976931348623157e308, 5e-324, 0],
        "past 2^53": [str(2**60 + 1), str(2**60 + 3), 5],
        "latencies": [(at * at * 31) % 9973 for at in range(200)],
    }
    shares = (0, 0.07, 0.1, 0.25, 1 / 3, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1)
    for method in ("percentile.linear.v1", "percentile.nearest_rank.v1"):
        case = Asked(group, method)
        flag = "Linear" if "linear" in method else "Rank"
        for name, values in lists.items():
            for p in shares:
                case(flag, f"{p} of {name}", ..., values=values, p=p)
        case(flag, "none", "no_values", values=[], p=0.5)
        case("Missing", "only missing ones", "no_values", values=[None, None], p=0.5)
        for p in (-0.01, 1.01, 95, 50):
            case("Range", f"p of {p}", "kpi_out_of_range", values=[1, 2], p=p)
        case("Range", "p of NaN", "kpi_non_finite", values=[1, 2], p=NAN)
        case("Range", "p past the doubles", "kpi_non_finite", values=[1, 2], p=INF)
        case("Range", "a value that is none", "kpi_non_finite", values=[1, NAN], p=0.5)
        case(flag, "a tiny p", ..., values=[1, 2, 3], p=5e-324)
        case(flag, "a tiny p of many", ..., values=list(range(300)), p=1e-40)
        case(flag, "next to 1", ..., values=list(range(10)), p=0.9999999999999999)
    linear = Asked(group, "percentile.linear.v1")
    linear("Large", "neighbours too far apart", "kpi_overflow", values=[-1.7e308, 1.7e308], p=0.5)
    linear("Linear", "in the middle", 2.5, values=[4, 1, 3, 2], p=0.5)
    rank = Asked(group, "percentile.nearest_rank.v1")
    rank("Rank", "ends far apart", -1.7e308, values=[-1.7e308, 1.7e308], p=0.5)
    for hundredth in (1, 7, 14, 28, 29, 55, 56, 57, 58, 69, 70):
        rank("Rank", f"0.{hundredth:02} of 100", hundredth, values=list(range(1, 101)), p=hundredth / 100)
    for n, p, want in ((10, 0.7, 7), (1000, 0.001, 1), (1000, 0.035, 35), (7, 3 / 7, 3), (3, 1 / 3, 1), (6, 1 / 6, 1), (9, 0.1111, 1), (9, 0.11111111111111112, 2)):
        rank("Rank", f"{p} of {n}", want, values=list(range(1, n + 1)), p=p)


def build():
    file = VectorFile("kpi/samples.json", NOTES)
    for fill in (variation, bands, from_cv, means, percentiles):
        fill(file.group("kpi.evaluate"))
    return [file]
