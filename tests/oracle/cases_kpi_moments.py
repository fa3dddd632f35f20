"""`kpi.evaluate`: moments in parts, the reference sets of NIST, and published confidence intervals. kpi.md sections 2 and 4."""

from cases_kpi_samples import MOST, spread, tenths
from kpi_asked import Asked
from nist_strd import SETS
from vector_file import VectorFile

NOTES = {
    "Parts": "kpi.md section 4: parts merge from left to right; of integers in any order and to the same bits",
    "Blocks": "kpi.md section 4: blocks of 1,024 in the order given; merge closes both and joins the totals",
    "Lanes": "kpi.md section 4: lane l of 16 adds x[l], x[l+16], ...; the lanes are added as a balanced tree",
    "NIST": "kpi.md section 4: correct digits on NIST StRD: 15 on Lew, Lottery, NumAcc1-2 and PiDigits, 13.1 Mavro, 13.8 Michelso, 9.5 NumAcc3, 8.3 NumAcc4",
    "Flocks": "kpi.md section 2: PMC7597817 table 4, whose figures reproduce only with n - 1 and Student's t",
    "Student": "kpi.md section 1: the CI is mean -+ t*(sd/sqrt(n))",
    "Few": "kpi.md section 2: n < 2: SD and CI null",
    "Missing": "kpi.md section 1: null is excluded and counted in missing",
    "Large": "kpi.md section 4: the sum of squares overflows at add, n*S2 and S1^2 are formed in 256 bits",
    "Range": "kpi.md section 1: negative is kpi_negative, NaN and infinities kpi_non_finite",
}
NAN = {"f64": "NaN"}
TABLE_4 = {
    "feed, littered": ([2.73, 2.84, 2.94, 2.52], 2.76, 0.18, 2.47, 3.04),
    "feed, perforated": ([2.64, 2.93, 2.86, 2.75], 2.80, 0.13, 2.59, 3.00),
    "mortality, littered": ([4.72, 5.56, 2.02, 4.29], 4.15, 1.51, 1.74, 6.56),
    "mortality, perforated": ([4.51, 6.19, 2.23, 5.56], 4.62, 1.74, 1.86, 7.39),
    "conversion, littered": ([1.395, 1.41, 1.43, 1.33], 1.39, 0.04, 1.32, 1.46),
    "conversion, perforated": ([1.425, 1.41, 1.37, 1.43], 1.41, 0.03, 1.37, 1.45),
    "EPEF, littered": ([444.08, 431.29, 450.37, 432.69], 439.61, 9.18, 425.00, 454.22),
    "EPEF, perforated": ([413.92, 440.26, 477.34, 404.99], 434.13, 32.47, 382.47, 485.79),
}


def integers(group):
    case = Asked(group, "moments.integer.v1")
    page = [[2000, 2100, 2200], [2600, 2700, 2800, 2900]]
    case("Parts", "of the page", 17_300 / 7, parts=page)
    case("Parts", "the other way round", 17_300 / 7, parts=page[::-1])
    case("Parts", "one part", 17_300 / 7, parts=[page[0] + page[1]])
    case("Parts", "one value a part", 17_300 / 7, parts=[[value] for part in page for value in part])
    case("Parts", "empty parts between", 17_300 / 7, parts=[[], page[0], [], page[1], []])
    case("Few", "nothing", None, parts=[])
    case("Few", "empty parts", None, parts=[[], []])
    case("Few", "one value", 5, parts=[[5]])
    case("Few", "one value and missing ones", 5, parts=[[None, 5], [None]])
    case("Missing", "in two parts", 2, parts=[[1, None], [None, 3, 2]])
    case("Large", "far from zero", 1_000_000_010, parts=[[1_000_000_004, 1_000_000_007], [1_000_000_013, 1_000_000_016]])
    case("Large", "one at the end of the type", float(MOST), parts=[[str(MOST)]])
    case("Large", "two at the end of the type", "kpi_overflow", parts=[[str(MOST), str(MOST)]])
    case("Large", "two at the end of the type, in two parts", "kpi_overflow", parts=[[str(MOST)], [str(MOST)]])
    case("Large", "squares that just fit", ..., parts=[[str(2**63)] * 3 + [1]])
    case("Large", "four squares of 2^126", "kpi_overflow", parts=[[str(2**63)] * 2, [str(2**63)] * 2])
    case("Large", "differences of one far up", ..., parts=[[str(2**63), str(2**63 + 1), str(2**63 + 2)]])
    case("Large", "many times nearly the same", ..., parts=[[str(2**59 + at % 3) for at in range(200)]])
    case("Range", "negative", "kpi_negative", parts=[[1, -1]])
    for count in (2, 3, 15, 100, 1025):
        case("Parts", f"{count} weights", ..., parts=[spread(count, 2500, 400)[: count // 3], spread(count, 2500, 400)[count // 3 :]])


def doubles(group):
    case = Asked(group, "moments.f64.v1")
    for count in (1, 2, 3, 15, 16, 17, 31, 32, 33, 48, 100, 255, 1007, 1008):
        case("Lanes", f"{count} kilograms", ..., parts=[tenths(count)])
    for count in (1023, 1024, 1025, 2049):
        case("Blocks", f"{count} kilograms", ..., parts=[tenths(count)])
    for cuts in ((1024,), (1, 1025), (500, 1000, 1500)):
        parts, before = [], 0
        for cut in (*cuts, 2100):
            parts.append(tenths(2100)[before:cut])
            before = cut
        case("Blocks", f"2100 kilograms, cut at {', '.join(map(str, cuts))}", ..., parts=parts)
    case("Blocks", "the parts of the other order", ..., parts=[tenths(2100)[1000:], tenths(2100)[:1000]])
    case("Parts", "whole numbers as doubles", 17_300 / 7, 1e-12, parts=[[2000, 2100, 2200], [2600, 2700, 2800, 2900]])
    case("Parts", "negative ones", ..., parts=[[-1.5, 2.5], [0, -3]])
    case("Parts", "a tenth a thousand times", 0.1, 1e-15, parts=[[0.1] * 1000])
    case("Few", "nothing", None, parts=[])
    case("Few", "one value", -5.5, parts=[[-5.5]])
    case("Missing", "in two parts", 2, parts=[[1, None], [None, 3.5, 1.5]])
    case("Missing", "nothing but missing ones", None, parts=[[None, None], [None]])
    case("Large", "far from zero", 1e9 + 10, parts=[[1e9 + 4, 1e9 + 7], [1e9 + 13, 1e9 + 16]])
    case("Large", "a sum past the doubles", "kpi_overflow", parts=[[1e308, 1e308]])
    case("Large", "squares past the doubles", "kpi_overflow", parts=[[0, 1e200]])
    case("Large", "squares past the doubles in the merge", "kpi_overflow", parts=[[1e200], [-1e200]])
    case("Large", "one at the end of the doubles", 1.7976931348623157e308, parts=[[1.7976931348623157e308]])
    case("Large", "subnormal ones", ..., parts=[[5e-324, 1e-323, 1.5e-323]])
    case("Range", "NaN", "kpi_non_finite", parts=[[1, NAN]])
    case("Range", "an infinity", "kpi_non_finite", parts=[[1], [{"f64": "-Infinity"}]])


def references(group):
    for name, (values, mean, sd, digits) in SETS.items():
        for method in ("moments.f64.v1", *(("moments.integer.v1",) if name in ("Lottery", "NumAcc1", "PiDigits") else ())):
            case = Asked(group, method)
            if len(values) < 500:
                case("NIST", name, mean, abs(mean) * 1e-14, parts=[values])
            # Digits are minus the logarithm of the relative error; those of 15 end where the certified value does.
            error = 10 ** -(min(digits, 14.3) - 0.05)
            group.test(f"{method}: {name}, mean", ["NIST"], "valid", method=method, args={"parts": [values]}, expect={"mean": mean, "tol": abs(mean) * 1e-14})
            group.test(f"{method}: {name}, deviation", ["NIST"], "valid", method=method, args={"parts": [values]}, expect={"sd": sd, "tol": sd * error})


def flocks(group):
    case = Asked(group, "epef.flocks.v1")
    for name, (values, mean, sd, low, high) in TABLE_4.items():
        case("Flocks", name, mean, 0.00501, values=values)
        args = {"values": values}
        printed = {"mean": mean, "sd": sd, "ci95_low": low, "ci95_high": high}
        group.test(f"epef.flocks.v1: {name}, as printed", ["Flocks"], "valid", method="epef.flocks.v1", args=args, expect=printed | {"tol": 0.00501})
    case("Few", "no flock", None, values=[])
    case("Few", "one flock", 400, values=[400])
    case("Missing", "a flock without one", 400, values=[380, None, 420])
    case("Student", "equal flocks", 400, values=[400, 400, 400])
    case("Range", "negative", "kpi_negative", values=[400, -1])
    case("Range", "NaN", "kpi_non_finite", values=[400, NAN])
    case("Large", "past the doubles", "kpi_overflow", values=[1e308, 1e308, 0.5])
    for count in (2, 3, 4, 5, 6, 8, 10, 11, 15, 20, 30, 31, 41, 61, 100, 121, 122, 200, 500):
        case("Student", f"{count} flocks", ..., values=spread(count, 400, 60))
        case("Student", f"{count} flocks with decimals", ..., values=tenths(count))


def build():
    file = VectorFile("kpi/moments.json", NOTES)
    for fill in (integers, doubles, references, flocks):
        fill(file.group("kpi.evaluate"))
    return [file]
