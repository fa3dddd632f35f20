"""`kpi.evaluate`: animals that came, died and left, and the days that they were there. kpi.md section 2."""

from cases_kpi_first import hens
from kpi_asked import Asked
from vector_file import VectorFile

NOTES = {
    "Share": "kpi.md section 2: losses over what was placed and moved in; animals moved away alive are a loss of survival.v1 only",
    "NoAnimals": "kpi.md section 2: no animals is undefined, losses without animals are kpi_inventory_mismatch",
    "Mismatch": "kpi.md section 2: more losses than animals",
    "Books": "kpi.md section 2: inventory.v1 is left side minus right side; a difference is a warning, not an error",
    "Week": "kpi.md section 2: days 0 to 6; fewer days, or a null among them, is undefined",
    "Daily": "kpi.md section 2: over animals present at the start of that day; a day with nobody present and no loss adds 0",
    "HeadDays": "kpi.md section 2: the mean of start and end, or whole days; an exit after the end or of more animals than there are is a mismatch",
    "Weighted": "kpi.md sections 1 and 2: exact where all is whole, else Neumaier's sums; a pair that misses either is out of both",
    "Large": "kpi.md section 1: counts to 2^64 - 1, sums and products in 128 bits, each a double once",
    "Missing": "kpi.md section 1: null is excluded, counted in missing and warned of; zero is a value",
    "Halves": "kpi.md section 1: head-days are multiples of 0.5",
}
MOST = 2**64 - 1
FLOCK = {"placed": 20_000, "moved_in": 500, "dead": 800, "culled": 120, "moved_out": 1_000}
SHARES = ("survival.v1", "survival.at_risk.v1", "mortality.v1", "cull.v1", "loss.v1")


def shares(group):
    wants = (18_580 / 20_500, 18_580 / 19_500, 800 / 20_500, 120 / 20_500, 920 / 20_500)
    for method, want in zip(SHARES, wants, strict=True):
        case = Asked(group, method)
        case("Share", "a flock that was moved", want, **FLOCK)
        case("Share", "only what was placed", 1 if "survival" in method else 0, placed=7)
        case("Share", "all lost", {"survival.v1": 0, "survival.at_risk.v1": 0, "mortality.v1": 0.5, "cull.v1": 0.5, "loss.v1": 1}[method], placed=4, dead=2, culled=2)
        case("Share", "nobody placed, all moved in", ..., placed=0, moved_in=30, dead=3, culled=1)
        case("Share", "a third", ..., placed=3, dead=1, culled=1, moved_out=0)
        case("NoAnimals", "nobody", "zero_denominator", placed=0)
        case("NoAnimals", "nobody, said of each", "zero_denominator", placed=0, moved_in=0, dead=0, culled=0, moved_out=0)
        for name in ("dead", "culled"):
            case("NoAnimals", f"{name} of nobody", "kpi_inventory_mismatch", placed=0, **{name: 1})
            case("Mismatch", f"one more {name} than came", "kpi_inventory_mismatch", placed=10, moved_in=5, **{name: 16})
        case("Mismatch", "each fits, both do not", "kpi_inventory_mismatch", placed=10, dead=6, culled=5)
        case("Large", "at the end of the type", ..., placed=MOST, moved_in=MOST, dead=MOST, culled=1, moved_out=5)
        case("Large", "past 2^53", ..., placed=2**53 + 1, dead=2**52 + 1, culled=3)
        case("Large", "losses whose sum passes 2^64", "kpi_inventory_mismatch", placed=MOST, dead=MOST, culled=MOST)
    case = Asked(group, "survival.at_risk.v1")
    case("Share", "all moved out alive", "zero_denominator", placed=40, moved_out=40)
    case("Share", "half moved out, one died", 19 / 20, placed=40, moved_out=20, dead=1)
    case("Mismatch", "more died than were at risk", "kpi_inventory_mismatch", placed=40, moved_out=30, dead=11)
    Asked(group, "survival.v1")("Mismatch", "more moved out than came", "kpi_inventory_mismatch", placed=40, moved_out=41)


def books(group):
    case = Asked(group, "inventory.v1")
    case("Books", "the books are right", 0, placed=20_000, moved_in=10, dead=700, culled=100, moved_out=210, sold=18_990, left=10)
    case("Books", "the hatchery gave ten more", -10, placed=20_000, dead=700, sold=19_310)
    case("Books", "some were never seen again", 25, placed=100, dead=5, sold=60, left=10)
    case("Books", "more lost than came is no error here", -5, placed=0, dead=5)
    case("Books", "nothing at all", 0, placed=0)
    case("Large", "far apart", float(2 * MOST), placed=MOST, moved_in=MOST)
    case("Large", "far apart the other way", -float(5 * MOST), placed=0, dead=MOST, culled=MOST, moved_out=MOST, sold=MOST, left=MOST)
    case("Large", "equal sums past 2^64", 0, placed=MOST, moved_in=3, dead=MOST, sold=3)
    case("Large", "past 2^53 a difference of one stays one", 1, placed=2**53 + 1, sold=2**53)


def week(group):
    case = Asked(group, "mortality.first_week.v1")
    case("Week", "ten days, of which seven count", 150 / 10_000, placed=10_000, daily_dead=[40, 30, 25, 20, 15, 12, 8, 5, 4, 3])
    case("Week", "seven days", 7 / 100, placed=100, daily_dead=[1] * 7)
    case("Week", "nobody died", 0, placed=100, daily_dead=[0] * 7)
    case("Week", "all died", 1, placed=7, daily_dead=[1] * 7)
    for days in (0, 1, 6):
        case("Week", f"{days} days", "too_few_values", placed=100, daily_dead=[1] * days)
    for at in (0, 3, 6):
        case("Week", f"day {at} is missing", "too_few_values", placed=100, daily_dead=[None if day == at else 1 for day in range(9)])
    case("Week", "all missing", "too_few_values", placed=100, daily_dead=[None] * 7)
    case("NoAnimals", "nobody placed, nobody dead", "zero_denominator", placed=0, daily_dead=[0] * 7)
    case("Mismatch", "more dead than placed", "kpi_inventory_mismatch", placed=6, daily_dead=[1] * 7)
    case("NoAnimals", "one dead of nobody", "kpi_inventory_mismatch", placed=0, daily_dead=[0] * 6 + [1])
    case("Large", "a large flock", ..., placed=MOST, daily_dead=[str(2**60)] * 7)


def cumulative(group):
    case = Asked(group, "mortality.cumulative_daily.v1")
    case("Daily", "one day", 0.02, placed=100, daily_dead=[2])
    case("Daily", "two days, thinned between", 2 / 100 + 1 / 50, placed=100, daily_dead=[2, 1], daily_out=[48, 0])
    case("Daily", "dead and culled", 3 / 100 + 4 / 97, placed=100, daily_dead=[1, 4], daily_culled=[2, 0])
    case("Daily", "those that came are there the next day", 5 / 10, placed=2, daily_dead=[0, 5], daily_in=[8, 0])
    case("Daily", "no days", 0, placed=100, daily_dead=[])
    case("Daily", "nobody is there any more, and nothing is lost", 1, placed=2, daily_dead=[2, 0, 0])
    case("Daily", "all sold, then two empty days", 0.5, placed=4, daily_dead=[2, 0, 0], daily_out=[2, 0, 0])
    case("Daily", "emptied and filled again", 1 / 4 + 2 / 8, placed=4, daily_dead=[1, 0, 2], daily_out=[3, 0, 0], daily_in=[0, 8, 0])
    case("NoAnimals", "nobody placed", "zero_denominator", placed=0, daily_dead=[0, 0])
    case("Mismatch", "more dead than present", "kpi_inventory_mismatch", placed=2, daily_dead=[3])
    case("Mismatch", "dead and culled are more than present", "kpi_inventory_mismatch", placed=2, daily_dead=[2], daily_culled=[1])
    case("Mismatch", "dead when nobody is there", "kpi_inventory_mismatch", placed=2, daily_dead=[0, 1], daily_out=[2, 0])
    case("Mismatch", "more sold than there are", "kpi_inventory_mismatch", placed=2, daily_dead=[1], daily_out=[2])
    for name in ("daily_culled", "daily_out", "daily_in"):
        case("Daily", f"{name} is shorter", "invalid_argument", placed=9, daily_dead=[1, 1, 1], **{name: [0, 0]})
        case("Daily", f"{name} is longer", "invalid_argument", placed=9, daily_dead=[1, 1, 1], **{name: [0, 0, 0, 0]})
    case("Missing", "a day's dead are not known", 1 / 10 + 1 / 9, placed=10, daily_dead=[1, None, 1])
    dead = [5, 7, 3, 9, 4, 6, 2, 8, 5, 3, 7, 4, 6, 5, 8, 3, 9, 2, 6, 4, 5, 7, 3, 8, 4, 6, 5, 9, 3, 7, 6, 4]
    case("Daily", "a batch thinned on day 25", ..., placed=20_000, daily_dead=dead, daily_out=[0] * 25 + [6_000] + [0] * 6)
    assert 0 < len(dead) == 32


def head_days(group):
    case = Asked(group, "head_days.daily_mean.v1")
    case("HeadDays", "hens of the page", 6277, daily=hens())
    case("HeadDays", "a half", 9.5, daily=[[10, 9]])
    case("HeadDays", "no days", 0, daily=[])
    case("HeadDays", "an empty day", 0, daily=[[0, 0]])
    case("HeadDays", "as many as were there and came", 5, daily=[[3, 7, 4]])
    case("HeadDays", "one more than that", "kpi_inventory_mismatch", daily=[[3, 8, 4]])
    case("HeadDays", "out of nowhere", "kpi_inventory_mismatch", daily=[[0, 1]])
    case("HeadDays", "one too many on the second day", "kpi_inventory_mismatch", daily=[[5, 5], [5, 6, 0]])
    case("Missing", "a day is not known", 15, daily=[[10, 10], None, [5, 5]])
    case("Large", "at the end of the type", float(MOST), daily=[[str(MOST), str(MOST)]])
    case("Large", "sums past 2^64", ..., daily=[[str(MOST), str(MOST - 3)]] * 5)
    case = Asked(group, "head_days.exits.v1")
    case("HeadDays", "hens of the page", 6270, placed=200, entries=[[15, 10]], exits=[[11, 4]], days=31)
    case("HeadDays", "nobody leaves", 370, placed=10, entries=[], exits=[], days=37)
    case("HeadDays", "gone on the first day", 0, placed=10, entries=[], exits=[[0, 10]], days=37)
    case("HeadDays", "gone on the last day", 360, placed=10, entries=[], exits=[[36, 10]], days=37)
    case("HeadDays", "come on the last day", 0, placed=0, entries=[[36, 10]], exits=[], days=37)
    case("HeadDays", "come and gone a day later", 0, placed=0, entries=[[5, 3]], exits=[[6, 3]], days=10)
    case("HeadDays", "come and gone two days later", 3, placed=0, entries=[[5, 3]], exits=[[7, 3]], days=10)
    case("HeadDays", "two exits on a day", 10 * 20 - 7 * 8, placed=10, entries=[], exits=[[12, 3], [12, 4]], days=20)
    case("HeadDays", "out of order", 10 * 20 - 3 * 18 - 4 * 8, placed=10, entries=[], exits=[[12, 4], [2, 3]], days=20)
    case("HeadDays", "no days", 0, placed=10, entries=[], exits=[], days=0)
    case("HeadDays", "nobody", 0, placed=0, entries=[], exits=[], days=37)
    case("HeadDays", "after the end", "kpi_inventory_mismatch", placed=10, entries=[], exits=[[38, 1]], days=37)
    case("HeadDays", "more than there are", "kpi_inventory_mismatch", placed=10, entries=[], exits=[[5, 11]], days=37)
    case("HeadDays", "more than are still there", "kpi_inventory_mismatch", placed=10, entries=[], exits=[[5, 8], [9, 3]], days=37)
    case("HeadDays", "before they came", "kpi_inventory_mismatch", placed=10, entries=[[6, 5]], exits=[[5, 11]], days=37)
    case("Large", "all that can be for as long as can be", "kpi_overflow", placed=MOST, entries=[], exits=[], days=MOST)
    case("Large", "a long time", ..., placed=MOST, entries=[], exits=[], days=10_000)


def weighted(group):
    case = Asked(group, "mean.head_day_weighted.v1")
    case("Weighted", "two houses", 875, x=[800, 900], head_days=[100, 300])
    case("Weighted", "of halves", ..., x=[1, 2], head_days=[0.5, 1.5])
    case("Weighted", "no whole numbers", ..., x=[59.86, 61.2, 60.4], head_days=[6277, 6270.5, 100])
    case("Weighted", "a tenth ten times", 0.1, 1e-16, x=[0.1] * 10, head_days=[0.5] * 10)
    case("Weighted", "large and small cancel", ..., x=[1e16, 1.5, 1.5], head_days=[1, 1, 1])
    case("Weighted", "one weighs nothing", 5, x=[5, 7], head_days=[3, 0])
    case("Weighted", "nothing weighs", "zero_denominator", x=[5, 7], head_days=[0, 0])
    case("Weighted", "shorter", "invalid_argument", x=[5, 7], head_days=[1])
    case("Weighted", "longer", "invalid_argument", x=[5], head_days=[1, 2])
    case("Missing", "either is not known", 1, x=[1, None, 5, 1], head_days=[1, 9, None, 3])
    case("Missing", "nothing is known", "zero_denominator", x=[None, 1], head_days=[1, None])
    case("Large", "past 2^53 and exact", ..., x=[str(2**63), str(2**63 + 1), 1], head_days=[1000, 3, 2])
    case("Large", "past the doubles", "kpi_overflow", x=[1e308, 1e308], head_days=[1000, 1000])
    case = Asked(group, "mortality.per_1000_head_weeks.v1")
    case("HeadDays", "one a week of a thousand", 1, dead=1, head_days=7000)
    case("Halves", "half a day", 7000 * 3 / 6270.5, 1e-12, dead=3, head_days=6270.5)
    case("HeadDays", "nobody died", 0, head_days=7000)
    case("HeadDays", "no head-days", "zero_denominator", dead=0, head_days=0)
    case("HeadDays", "deaths without head-days", "zero_denominator", dead=3, head_days=0)
    case("Large", "products past 2^64", ..., dead=MOST, head_days=3)
    case("Large", "head-days at their end", ..., dead=3, head_days=2**63 - 1)


def build():
    file = VectorFile("kpi/animals.json", NOTES)
    for fill in (shares, books, week, cumulative, head_days, weighted):
        fill(file.group("kpi.evaluate"))
    return [file]
