"""`kpi.evaluate`: growth, feed, eggs, density and rates. kpi.md section 2."""

from kpi_asked import Asked
from vector_file import VectorFile

NOTES = {
    "Growth": "kpi.md section 2: adg and sgr; a loss is a negative number with a warning",
    "Feed": "kpi.md section 2: feed over live weight, gain, egg mass, eggs, head-days",
    "Gain": "kpi.md sections 1 and 2: a gain of 0 or less is not_defined",
    "Zero": "kpi.md section 1: zero in a denominator is undefined, never an error",
    "Corrected": "kpi.md section 2: fcr - ((weight - reference)/100) * per_100g; a result of 0 or less is kpi_out_of_range, more than 500 g a warning",
    "Index": "kpi.md section 2: EPEF and EBI, whose conversion says its basis",
    "Eggs": "kpi.md section 2: above 1 is a warning",
    "Space": "kpi.md section 2: density, water, cost; one of weight_g and eggs",
    "Rate": "kpi.md section 2: more errors than requests is kpi_out_of_range, nothing is undefined",
    "Grid": "kpi.md section 1: each integer becomes a double once; num and den stay exact",
    "Halves": "kpi.md section 1: head-days are multiples of 0.5",
    "Large": "kpi.md section 1: what no double holds is kpi_overflow",
}
MOST = 2**64 - 1
# Edges of what doubles and integers hold, and two that are odd.
EDGES = (0, 1, 3, 2257, 2**53 - 1, 2**53 + 1, 2**63 + 1025, MOST)
PAIRS = (
    ("fcr.live_weight.v1", "feed_g", "live_weight_out_g"),
    ("fcr.egg_mass.v1", "feed_g", "egg_mass_g"),
    ("feed_per_dozen.v1", "feed_g", "eggs"),
    ("eggs_per_hen_housed.v1", "eggs", "housed"),
    ("density.v1", "live_weight_g", "area_cm2"),
    ("water_feed.v1", "water_ml", "feed_g"),
    ("feed_cost.v1", "cost_minor", "weight_g"),
    ("feed_cost.v1", "cost_minor", "eggs"),
)
OVER_HEAD_DAYS = (("adfi.v1", "feed_g", "head_days"), ("hen_day.v1", "eggs", "hen_days"), ("egg_mass_per_hen_day.v1", "egg_mass_g", "hen_days"))


def grid(group):
    for method, num, den in PAIRS:
        case = Asked(group, method)
        for a in EDGES:
            for b in EDGES[:1] if a == 0 else EDGES:
                case("Grid", f"{a} over {b}", "zero_denominator" if b == 0 else ..., **{num: a, den: b})
    for method, num, den in OVER_HEAD_DAYS:
        case = Asked(group, method)
        for a in EDGES[::2]:
            for b in (0, 0.5, 1, 9900, 6270.5, 2**52 + 0.5, 2**62, 2**63 - 1):
                case("Halves", f"{a} over {b}", "zero_denominator" if b == 0 else ..., **{num: a, den: b})


def growth(group):
    case = Asked(group, "adg.net.v1")
    case("Growth", "of the page", 2215 / 37, weight_start_g=42, weight_end_g=2257, days=37)
    case("Growth", "nothing gained", 0, weight_start_g=42, weight_end_g=42, days=37)
    case("Growth", "lost", -2, weight_start_g=100, weight_end_g=90, days=5)
    case("Growth", "half a day more", 2215 / 37.5, weight_start_g=42, weight_end_g=2257, days=37.5)
    case("Growth", "days as a double", 2215 / 37, weight_start_g=42, weight_end_g=2257, days=37.0)
    case("Zero", "no days", "zero_denominator", weight_start_g=42, weight_end_g=2257, days=0)
    case("Large", "all gained in a day", float(MOST), weight_start_g=0, weight_end_g=MOST, days=1)
    case("Large", "all lost in a day", -float(MOST), weight_start_g=MOST, weight_end_g=0, days=1)
    case("Large", "in no time", "kpi_overflow", weight_start_g=0, weight_end_g=1, days=5e-324)
    case("Large", "in a long time", ..., weight_start_g=0, weight_end_g=1, days=1e300)
    case = Asked(group, "adg.from_zero.v1")
    case("Growth", "of the page", 61, weight_g=2257, age_days=37)
    case("Growth", "an age that is a mean", 2257 / 37.25, weight_g=2257, age_days=37.25)
    case("Growth", "no weight", 0, weight_g=0, age_days=37)
    case("Zero", "no age", "zero_denominator", weight_g=42, age_days=0)
    case("Large", "in no time", "kpi_overflow", weight_g=MOST, age_days=1e-300)
    case = Asked(group, "adg.group.v1")
    case("Growth", "pigs", 850, weight_in_g=25_000, weight_sold_g=110_000, head_days=100)
    case("Growth", "some moved out", (90_000 + 20_000 - 25_000) / 100.5, weight_in_g=25_000, weight_sold_g=90_000, weight_moved_out_g=20_000, head_days=100.5)
    case("Growth", "lost", -4, weight_in_g=100, weight_sold_g=50, weight_moved_out_g=10, head_days=10)
    case("Zero", "no head-days", "zero_denominator", weight_in_g=1, weight_sold_g=2, head_days=0)
    case("Large", "two sums past 2^64", ..., weight_in_g=0, weight_sold_g=MOST, weight_moved_out_g=MOST, head_days=3)
    case = Asked(group, "sgr.v1")
    case("Growth", "doubled in 50 days", 1.3862943611198906, 1e-14, weight_start_g=100, weight_end_g=200, days=50)
    case("Growth", "the same", 0, weight_start_g=100, weight_end_g=100, days=50)
    case("Growth", "halved in 50 days", -1.3862943611198906, 1e-14, weight_start_g=200, weight_end_g=100, days=50)
    case("Growth", "one gram more", ..., weight_start_g=1_000_000, weight_end_g=1_000_001, days=1)
    case("Growth", "from one gram", ..., weight_start_g=1, weight_end_g=2257, days=37)
    case("Growth", "parts of a day", ..., weight_start_g=42, weight_end_g=2257, days=37.125)
    case("Gain", "from nothing", "not_defined", weight_start_g=0, weight_end_g=5, days=1)
    case("Gain", "to nothing", "not_defined", weight_start_g=5, weight_end_g=0, days=1)
    case("Zero", "no days", "zero_denominator", weight_start_g=5, weight_end_g=6, days=0)
    case("Large", "in no time", "kpi_overflow", weight_start_g=1, weight_end_g=3, days=5e-324)
    case("Large", "from one gram to all", ..., weight_start_g=1, weight_end_g=MOST, days=1)


def gains(group):
    for method, more in (("fcr.closeout.v1", {}), ("fcr.mortality_adjusted.v1", {"weight_dead_g": 0})):
        case = Asked(group, method)
        case("Feed", "Cobb 500, day 7", 1.125, feed_g=180, weight_started_g=42, weight_sold_g=202, **more)
        case("Feed", "some moved out", 1.125, feed_g=180, weight_started_g=42, weight_sold_g=100, weight_moved_out_g=102, **more)
        case("Feed", "no feed", 0, feed_g=0, weight_started_g=42, weight_sold_g=202, **more)
        case("Gain", "nothing gained", "not_defined", feed_g=180, weight_started_g=42, weight_sold_g=42, **more)
        case("Gain", "lost", "not_defined", feed_g=180, weight_started_g=42, weight_sold_g=41, **more)
        case("Gain", "nothing at all", "not_defined", feed_g=0, weight_started_g=0, weight_sold_g=0, **more)
        case("Grid", "sums past 2^64", ..., feed_g=MOST, weight_started_g=1, weight_sold_g=MOST, weight_moved_out_g=MOST, **more)
        case("Grid", "past 2^53", ..., feed_g=2**53 + 1, weight_started_g=2**53 - 1, weight_sold_g=2**54 + 3, **more)
        case("Gain", "far in the red", "not_defined", feed_g=1, weight_started_g=MOST, weight_sold_g=0, **more)
    case = Asked(group, "fcr.mortality_adjusted.v1")
    case("Feed", "the dead had gained", 2, feed_g=3000, weight_started_g=100, weight_sold_g=1500, weight_dead_g=100)
    case("Feed", "only the dead had", 2, feed_g=200, weight_started_g=100, weight_sold_g=0, weight_dead_g=200)
    case = Asked(group, "fcr.biological.v1")
    case("Feed", "a pond", 1.2, feed_g=1320, biomass_in_g=100, biomass_out_g=1100, biomass_dead_g=100)
    case("Feed", "nobody died", 1.32, feed_g=1320, biomass_in_g=100, biomass_out_g=1100, biomass_dead_g=0)
    case("Gain", "nothing gained", "not_defined", feed_g=1320, biomass_in_g=100, biomass_out_g=60, biomass_dead_g=40)
    case("Gain", "lost", "not_defined", feed_g=1320, biomass_in_g=100, biomass_out_g=9, biomass_dead_g=0)
    case("Grid", "sums past 2^64", ..., feed_g=MOST, biomass_in_g=7, biomass_out_g=MOST, biomass_dead_g=MOST)


def corrected(group):
    case = Asked(group, "fcr.corrected.v1")
    case("Corrected", "of the page", 1.38, 1e-12, fcr=1.46, weight_g=1700, reference_g=1500, per_100g=0.04)
    case("Corrected", "lighter than the reference", 1.54, 1e-12, fcr=1.5, weight_g=2300, reference_g=2500, per_100g=0.02)
    case("Corrected", "at the reference", 1.5, fcr=1.5, weight_g=2500, reference_g=2500, per_100g=0.02)
    case("Corrected", "no correction", 1.5, fcr=1.5, weight_g=2700, reference_g=2500, per_100g=0)
    for weight in (2000, 1999, 3000, 3001):
        case("Corrected", f"{weight} g, of 2500", ..., fcr=1.5, weight_g=weight, reference_g=2500, per_100g=0.02)
    case("Corrected", "nothing is left", "kpi_out_of_range", fcr=1.5, weight_g=200, reference_g=100, per_100g=1.5)
    case("Corrected", "less than nothing", "kpi_out_of_range", fcr=1.5, weight_g=2600, reference_g=2500, per_100g=4)
    case("Corrected", "a conversion of 0", "kpi_out_of_range", fcr=0, weight_g=2500, reference_g=2500, per_100g=0.02)
    case("Large", "past the doubles", "kpi_overflow", fcr=1.5, weight_g=0, reference_g=1000, per_100g=1.7e308)


def index(group):
    case = Asked(group, "epef.v1")
    for basis in ("live_weight", "gain"):
        case("Index", f"of the page, {basis}", 212.46, 0.005, survival=0.95, weight_g=1850, age_days=44, fcr=1.88, fcr_basis=basis)
        case("Zero", f"no age, {basis}", "zero_denominator", survival=0.95, weight_g=1850, age_days=0, fcr=1.88, fcr_basis=basis)
        case("Zero", f"no feed, {basis}", "zero_denominator", survival=0.95, weight_g=1850, age_days=44, fcr=0, fcr_basis=basis)
    case("Index", "the age of several loads", ..., survival=0.9605, weight_g=2413, age_days=36.4375, fcr=1.517, fcr_basis="live_weight")
    case("Index", "nobody survived", 0, survival=0, weight_g=1850, age_days=44, fcr=1.88, fcr_basis="live_weight")
    case("Index", "all survived", ..., survival=1, weight_g=2464, age_days=35, fcr=1.441, fcr_basis="live_weight")
    case("Index", "a basis that is none", "invalid_argument", survival=1, weight_g=2464, age_days=35, fcr=1.441, fcr_basis="carcass")
    case("Index", "no basis", "invalid_argument", survival=1, weight_g=2464, age_days=35, fcr=1.441)
    case("Index", "percent", "kpi_out_of_range", survival=95, weight_g=1850, age_days=44, fcr=1.88, fcr_basis="gain")
    case("Large", "next to no feed", "kpi_overflow", survival=1, weight_g=1850, age_days=44, fcr=5e-324, fcr_basis="gain")
    live = {"method": "fcr.live_weight.v1", "args": {"feed_g": 180, "live_weight_out_g": 202}}
    gain = {"method": "fcr.closeout.v1", "args": {"feed_g": 180, "weight_started_g": 42, "weight_sold_g": 202}}
    adjusted = {"method": "fcr.mortality_adjusted.v1", "args": gain["args"] | {"weight_dead_g": 40}}
    for fcr in (live, gain, adjusted):
        case("Index", f"of {fcr['method']}", ..., survival=0.99, weight_g=202, age_days=7, fcr=fcr)
    case("Index", "of a figure without a basis", "invalid_argument", survival=0.99, weight_g=202, age_days=7, fcr={"method": "fcr.egg_mass.v1", "args": {"feed_g": 1, "egg_mass_g": 1}})
    nothing = {"method": "fcr.live_weight.v1", "args": {"feed_g": 180, "live_weight_out_g": 0}}
    case("Index", "of an undefined figure", "zero_denominator", survival=0.99, weight_g=202, age_days=7, fcr=nothing)
    case = Asked(group, "ebi.v1")
    case("Index", "of the breeder", 361.48, 0.005, adg_g=61, survival=0.96, fcr=1.62, fcr_basis="live_weight")
    case("Index", "on gain", ..., adg_g=59.86486486486486, survival=0.96, fcr=1.65, fcr_basis="gain")
    case("Index", "the EPEF of the page", 212.46, 0.005, adg_g=1850 / 44, survival=0.95, fcr=1.88, fcr_basis="live_weight")
    case("Zero", "no feed", "zero_denominator", adg_g=61, survival=0.96, fcr=0, fcr_basis="live_weight")
    case("Index", "no gain", 0, adg_g=0, survival=0.96, fcr=1.62, fcr_basis="live_weight")
    case("Index", "no basis", "invalid_argument", adg_g=61, survival=0.96, fcr=1.62)
    case("Large", "past the doubles", "kpi_overflow", adg_g=1e308, survival=1, fcr=0.001, fcr_basis="gain")
    for fcr in (live, gain):
        case("Index", f"of {fcr['method']}", ..., adg_g=25.5, survival=0.99, fcr=fcr)


def eggs(group):
    case = Asked(group, "hen_day.v1")
    case("Eggs", "of the page", 0.92, eggs=9108, hen_days=9900)
    case("Eggs", "one each", 1, eggs=9900, hen_days=9900)
    case("Eggs", "late collection", 1.1, eggs=11, hen_days=10)
    case("Eggs", "no eggs", 0, eggs=0, hen_days=10)
    case("Zero", "no hens", "zero_denominator", eggs=9, hen_days=0)
    case = Asked(group, "hen_housed.v1")
    case("Eggs", "of the page", 0.9108, eggs=9108, housed=10_000, days=1)
    case("Eggs", "a week", 63_000 / 70_000, eggs=63_000, housed=10_000, days=7)
    case("Eggs", "late collection", 1.5, eggs=3, housed=2, days=1)
    case("Eggs", "half a day", ..., eggs=3, housed=7, days=2.5)
    case("Zero", "no hens", "zero_denominator", eggs=9, housed=0, days=7)
    case("Zero", "no days", "zero_denominator", eggs=9, housed=10, days=0)
    case("Grid", "products past 2^64", ..., eggs=MOST, housed=MOST, days=1000)
    case("Large", "in no time", "kpi_overflow", eggs=9, housed=1, days=5e-324)


def space(group):
    case = Asked(group, "density.v1")
    for step in (33, 39, 42):
        case("Space", f"{step} kg", step, live_weight_g=step * 1_000_000, area_cm2=10_000_000)
    case("Zero", "no area", "zero_denominator", live_weight_g=1, area_cm2=0)
    case = Asked(group, "feed_cost.v1")
    case("Space", "of two kilograms", 60, cost_minor=120, weight_g=2000)
    case("Space", "of two dozen", 60, cost_minor=120, eggs=24)
    case("Space", "of both", "invalid_argument", cost_minor=120, weight_g=2000, eggs=24)
    case("Space", "of neither", "invalid_argument", cost_minor=120)
    case("Zero", "of no weight", "zero_denominator", cost_minor=120, weight_g=0)
    case("Zero", "of no eggs", "zero_denominator", cost_minor=120, eggs=0)
    case = Asked(group, "water_feed.v1")
    case("Space", "of broilers", 1.8, water_ml=1800, feed_g=1000)


def rates(group):
    for method in ("error_rate.v1", "availability.v1"):
        case = Asked(group, method)
        for errors, total in ((10, 1440), (0, 1000), (3, 1000), (1, 3), (1000, 1000), (2**53, 2**53 + 1), (MOST - 1, MOST), (MOST, MOST)):
            case("Rate", f"{errors} of {total}", errors / total if method == "error_rate.v1" and total < 2**53 else ..., errors=errors, total=total)
        case("Zero", "of nothing", "zero_denominator", errors=0, total=0)
        case("Rate", "one of nothing", "kpi_out_of_range", errors=1, total=0)
        case("Rate", "exchanged", "kpi_out_of_range", errors=1440, total=10)
        case("Rate", "no errors given", 0 if method == "error_rate.v1" else 1, total=10)


def build():
    file = VectorFile("kpi/growth.json", NOTES)
    for fill in (growth, gains, corrected, index, eggs, space, rates, grid):
        fill(file.group("kpi.evaluate"))
    return [file]
