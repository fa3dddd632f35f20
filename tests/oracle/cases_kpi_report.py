"""`kpi.report`: rows and tables, what cannot be read of them, and targets. docs/report.md."""

from datetime import date, timedelta
from fractions import Fraction

import kpi
from farm_table import Writing, days
from kpi_asked import written
from kpi_report import figures
from vector_file import VectorFile

NOTES = {
    "Rows": "docs/report.md: rows of a program have the names and units of a table's columns",
    "Species": "docs/report.md: pigs get figures of the group, fish those of biomass, layers those of eggs, all others the European factors",
    "Table": "docs/report.md: commas, semicolons or tabs, a decimal point or comma, thousands, dates, BOM, CRLF, blank lines, titles and sums",
    "Names": "docs/report.md: names may be in seven languages, in any case, with the unit in any brackets",
    "Unit": "kpi.md section 6: a unit stands in the header; none is an error, never a guess",
    "Bad": "docs/report.md: a cell or row that cannot be read is listed with line, column and text; the rest is computed, and figures that lost an input say so",
    "Refused": "docs/report.md: what is no table, or no targets, is refused with a code",
    "Targets": "docs/report.md: deviation is (value - target) / |target|, in the figure's unit",
    "Farm": "docs/report.md: of ratios the sum by the sum, of other figures the plain mean; the best quarter; the ranking by weights",
}

DEAD = [5, 3, 2, 1, 0, 2, 0, 1, 0, 0, 3, 1, 0, 0]
CULLED = [0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0]
FEED = [12500, 15000, 17250, 20500, 23125, 27000, 31000, 35250, 40000, 44500, 49125, 54000, 58500, 21000]
WEIGHED = {0: [42, 43, 41], 7: [170, 180, 190, 185, 175], 13: [430, 450, 470, 455, 445]}
PLACED = date(2026, 4, 13)


def broilers(batch: str = "A1", lost: int = 0, feed: int = 0) -> list[dict]:
    """A row a day; `lost` more die on day 3, and `feed` more is eaten on day 9."""
    rows = []
    for at, (dead, culled, eaten) in enumerate(zip(DEAD, CULLED, FEED, strict=True)):
        row = {"batch": batch, "day": at, "date": str(PLACED + timedelta(days=at)), "dead": dead, "culled": culled, "feed_g": eaten}
        row |= {"water_ml": 2 * eaten - 500, "weights_g": WEIGHED.get(at)}
        rows.append(row)
    rows[0] |= {"placed": 1000, "area_cm2": 600_000, "cost_minor": 25_050}
    rows[3]["dead"] += lost
    rows[9]["feed_g"] += feed
    sold = 1000 - sum(DEAD) - sum(CULLED) - lost
    rows[13] |= {"sold": sold, "live_weight_out_g": 450 * sold, "feed_left_g": 5000}
    return rows


PIGS = [
    {"batch": "P", "species": "pig", "day": 0, "placed": 100, "weights_g": [24000, 25000, 26000], "feed_g": 5_000_000},
    {"batch": "P", "species": "pig", "day": 30, "dead": 2, "feed_g": 6_000_000},
    {"batch": "P", "species": "pig", "day": 60, "dead": 1, "culled": 1, "feed_g": 7_000_000, "weights_g": [70000, 74000]},
    {"batch": "P", "species": "pig", "day": 90, "sold": 50, "live_weight_out_g": 5_500_000, "feed_g": 4_000_000},
    {"batch": "P", "species": "pig", "day": 100, "sold": 46, "live_weight_out_g": 5_060_000},
]
FISH = [
    {"batch": "F", "species": "Rainbow trout", "day": 0, "placed": 5000, "weights_g": [9, 10, 11], "feed_g": 200_000},
    {"batch": "F", "species": "Rainbow trout", "day": 50, "dead": 100, "feed_g": 300_000},
    {"batch": "F", "species": "Rainbow trout", "day": 100, "dead": 20, "feed_g": 400_000, "weights_g": [200, 210, 220]},
]
HENS = [
    {"batch": "L", "species": "layer", "day": at, "dead": at % 2, "eggs": 440 + 3 * at, "egg_mass_g": 60 * (440 + 3 * at), "feed_g": 57_500 + 100 * at, "cost_minor": 2100}
    for at in range(8)
]
HENS[0] |= {"placed": 500}
WEEKS = [
    {"batch": "W", "week": 1, "placed": 2000, "dead": 20, "feed_g": 310_000, "weights_g": [180, 190]},
    {"batch": "W", "week": 2, "dead": 8, "culled": 2, "feed_g": 720_000, "weights_g": [440, 460]},
    {"batch": "W", "week": 3, "dead": 6, "feed_g": 1_150_000, "sold": 1964, "live_weight_out_g": 1_767_600},
]
MOVED = [
    {"batch": "M", "day": 0, "placed": 400, "weights_g": [40, 44]},
    {"batch": "M", "day": 1, "dead": 3, "moved_in": 50},
    {"batch": "M", "day": 2, "dead": 1, "moved_out": 46},
    {"batch": "M", "day": 3, "dead": 0, "sold": 400, "live_weight_out_g": 40_000},
]

PLAIN = [
    ("batch", "batch", None), ("day", "day", None), ("placed", "placed", None), ("dead", "dead", None), ("culled", "culled", None), ("sold", "sold", None),
    ("live_weight_out", "live_weight_out_kg", "kg"), ("feed", "feed_kg", "kg"), ("feed_left", "feed_left_kg", "kg"), ("water", "water_l", "l"),
    ("weights", "weights_g", "g"), ("area", "area_m2", "m2"), ("cost", "cost_eur", "eur"),
]  # fmt: skip


def told(result: dict, lost: int = 0) -> dict:
    """What a vector says of a figure; `lost` cells that it rests on were not read."""
    expect = {name: written(value) for name, value in result.items() if not name.startswith("near")}
    if lost:
        expect["missing"] = max(lost, expect.get("missing", 0))
        expect["warnings"] = [*(name for name in expect["warnings"] if name != "input_missing"), "input_missing"]
    return expect


def near(results: dict[str, dict]) -> float:
    return max((result.get("near", 0) for result in results.values()), default=0)


def by_day(row: dict) -> int:
    return row["week"] * 7 if "week" in row else row["day"]


def expected(rows: list[dict], kind: str = "broiler", count: int | None = None) -> dict:
    results = figures(days(rows, by_day), kind, weekly="week" in rows[0])
    expect = {"figures": {rows[0]["batch"]: {method: told(result) for method, result in results.items()}}, "rows": len(rows) if count is None else count}
    expect |= {"batch_count": 1, "problem_count": 0, "problems": []}
    if near(results):
        expect["tol"] = near(results)
    return expect


def as_objects(rows: list[dict], without=("date",)) -> list[dict]:
    """Names of the smallest units are names of columns; money is in cents."""
    return [{name.replace("cost_minor", "cost_ct"): value for name, value in row.items() if name not in without} for row in rows]


def rows_of_a_program(file):
    group = file.group("kpi.report")
    for comment, flag, rows, kind in (
        ("broilers, a row a day", "Rows", broilers(), "broiler"),
        ("broilers by weeks", "Rows", WEEKS, "broiler"),
        ("animals moved in and out", "Rows", MOVED, "broiler"),
        ("pigs, of which the group grows", "Species", PIGS, "pig"),
        ("fish, of which biomass grows", "Species", FISH, "fish"),
        ("hens", "Species", HENS, "layer"),
    ):
        group.test(comment, [flag], "valid", rows=as_objects(rows), expect=expected(rows, kind))
    group.test("rows in any order", ["Rows"], "valid", rows=as_objects(broilers()[::-1]), expect=expected(broilers()))
    group.test("dates for days", ["Rows"], "valid", rows=as_objects(broilers(), ("day",)), expect=expected(broilers()))
    kilos = [{name.replace("feed_g", "feed_kg"): value / 1000 if name == "feed_g" else value for name, value in row.items()} for row in as_objects(broilers())]
    group.test("fractions of kg", ["Rows"], "valid", rows=kilos, expect=expected(broilers()))
    texts = [{name: value if isinstance(value, list) or value is None else str(value) for name, value in row.items()} for row in as_objects(broilers())]
    group.test("numbers as texts, which have one reading in a program", ["Rows"], "valid", rows=texts, expect=expected(broilers()))
    halves = []
    for row in as_objects(broilers()):
        half = row["feed_g"] // 2
        halves += [row | {"feed_g": row["feed_g"] - half}, {"batch": "A1", "day": row["day"], "feed_g": half}]
    group.test("two rows of a day are added", ["Rows"], "valid", rows=halves, expect=expected(broilers(), count=len(halves)))
    group.test("no rows", ["Rows"], "valid", rows=[], expect={"rows": 0, "batch_count": 0, "batches": [], "ranking": [], "problems": [], "figures": {}})
    young = [row for row in broilers() if row["day"] < 8]
    group.test("a batch that is not at its end", ["Rows"], "valid", rows=as_objects(young), expect=expected(young))
    no_weights = [row | {"weights_g": None} for row in broilers()]
    expect = expected(no_weights)
    expect["figures"]["A1"] |= {"fcr.closeout.v1": None, "adg.net.v1": None, "cv.v1": None}
    group.test("no weighing: no feed conversion on gain", ["Rows"], "valid", rows=as_objects(no_weights), expect=expect)


def tables(file):
    group = file.group("kpi.report")
    rows, expect = broilers(), expected(broilers())

    def case(flag: str, comment: str, given: Writing, rows=rows, encoding=""):
        text = given.table(rows)
        table = {"hex": text.encode(encoding).hex()} if encoding else text
        # Whether a sum counts as a row that was read is not said.
        wanted = {name: value for name, value in expect.items() if name != "rows" or not given.tail}
        group.test(comment, [flag], "valid", rows=table, expect=wanted)

    def columns(**other):
        """The plain columns, of which some have another header or unit."""
        return [other.get(name, (name, header, unit)) for name, header, unit in PLAIN]

    case("Table", "commas and a point", Writing(PLAIN))
    case("Table", "semicolons and a decimal comma", Writing(PLAIN, delimiter=";", decimal=","))
    case("Table", "tabs", Writing(PLAIN, delimiter="\t"))
    case("Table", "a decimal comma in quotes, between commas", Writing(PLAIN, decimal=",", between="|"))
    case("Table", "thousands with points and a decimal comma", Writing(columns(water=("water", "water_ml", "ml")), delimiter=";", decimal=",", thousands="."))
    case("Table", "thousands with apostrophes", Writing(columns(water=("water", "water_ml", "ml")), thousands="'"))
    case("Table", "CRLF and a byte order mark", Writing(PLAIN, end="\r\n", head="\ufeff"))
    case("Table", "CR alone", Writing(PLAIN, end="\r"))
    case("Table", "titles above, blank lines and a sum below", Writing(PLAIN, head="Flock report 2026\n\n", tail="\n,,,,,,,,,,,,\nTotal,,1000,18,2,980,441,448.75\n"))
    case("Table", "a line under the batch that repeats its sums", Writing(PLAIN, tail=f"A1,,1000,18,2,980,441,{sum(FEED) / 1000},5\n"))
    for missing in ("-", "NA", "n/a", "NULL"):
        case("Table", f"{missing} is missing", Writing(PLAIN, missing=missing))
    for name, pattern in (("ISO", "{0}-{1}-{2}"), ("points", "{2}.{1}.{0}"), ("month first", "{1}/{2}/{0}"), ("day first", "{2}/{1}/{0}"), ("a time behind", "{0}-{1}-{2} 06:30")):
        case("Table", f"dates: {name}", Writing(columns(day=("date", "date", None)), date=pattern))
    case("Table", "weights in a list", Writing(columns(), between="; "))
    case("Table", "a column of no meaning, with quotes and line ends", Writing([*PLAIN, ("remarks", "Remarks", None)]), rows=[row | {"remarks": 'he said "warm",\nthen left'} for row in rows])
    other = (("feed", "t"), ("live_weight_out", "t"), ("feed_left", "g"), ("water", "m3"), ("area", "cm2"), ("cost", "ct"))
    case("Unit", "t, m3, cm2 and cents", Writing(columns(**{name: (name, f"{name}_{unit}", unit) for name, unit in other})))
    case("Unit", "brackets of all kinds", Writing(columns(feed=("feed", "Feed (kg)", "kg"), water=("water", "WATER [l]", "l"), area=("area", "Area m²", "m2"))))
    german = {"batch": "Herde", "day": "Tag", "placed": "Eingestallt", "dead": "Tote", "culled": "Gemerzt", "sold": "Verkauft"}
    german |= {"live_weight_out": "Lebendgewicht [kg]", "feed": "Futter [kg]", "feed_left": "Restfutter kg", "water": "Wasser (l)"}
    german |= {"weights": "Gewichte in g", "area": "Stallfläche qm", "cost": "Futterkosten €"}
    case("Names", "German", Writing([(name, german[name], unit) for name, _, unit in PLAIN], delimiter=";", decimal=","))
    case("Names", "German, as an old spreadsheet writes it", Writing([(name, german[name], unit) for name, _, unit in PLAIN], delimiter=";", decimal=","), encoding="cp1252")
    french = {"batch": "Bande", "day": "Âge (jours)", "placed": "Mis en place", "dead": "Morts", "culled": "Éliminés", "sold": "Vendus"}
    french |= {"live_weight_out": "Poids vif kg", "feed": "Aliment kg", "feed_left": "Aliment restant kg", "water": "Eau (litres)"}
    french |= {"weights": "Poids g", "area": "Surface m²", "cost": "Coût EUR"}
    case("Names", "French", Writing([(name, french[name], unit) for name, _, unit in PLAIN], delimiter=";", decimal=","))
    spanish = {"batch": "Lote", "day": "Edad (días)", "placed": "Alojados", "dead": "Muertos", "culled": "Descartados", "sold": "Vendidos"}
    spanish |= {"live_weight_out": "Peso vivo (kg)", "feed": "Pienso kg", "feed_left": "Pienso sobrante kg", "water": "Agua (litros)"}
    spanish |= {"weights": "Pesos g", "area": "Superficie m2", "cost": "Coste EUR"}
    case("Names", "Spanish", Writing([(name, spanish[name], unit) for name, _, unit in PLAIN]))
    pounds = figures(days([row | {"feed_g": None} for row in rows], by_day))
    one = Writing([("batch", "batch", None), ("day", "day", None), ("placed", "placed", None), ("dead", "dead", None), ("feed", "feed_lb", "lb")])
    # 100 lb are 45 359.237 g: to the nearest whole one.
    pound_rows = [{"batch": "B", "day": at, "placed": 100 if at == 0 else None, "dead": 0, "feed_g": Fraction("45359.237")} for at in range(3)]
    whole = [row | {"feed_g": 45359} for row in pound_rows]
    group.test("pounds are g, to the nearest whole one", ["Unit"], "valid", rows=one.table(pound_rows), expect=expected(whole))
    assert "fcr.live_weight.v1" not in pounds


def bad_rows(file):
    group = file.group("kpi.report")
    # What rests on the number of animals, head-days and what is by head-days with them.
    losses = [
        "survival.v1", "mortality.v1", "cull.v1", "loss.v1", "inventory.v1", "mortality.cumulative_daily.v1", "head_days.daily_mean.v1",
        "mortality.per_1000_head_weeks.v1", "adfi.v1", "density.v1", "epef.v1", "ebi.v1",
    ]  # fmt: skip
    of_feed = ["adfi.v1", "water_feed.v1", "fcr.live_weight.v1", "fcr.closeout.v1", "epef.v1", "ebi.v1"]
    of_water = ["water_feed.v1"]
    small = [("batch", "batch", None), ("day", "day", None), ("placed", "placed", None), ("dead", "dead", None), ("feed", "feed_kg", "kg"), ("weights", "weights_g", "g")]

    def case(comment: str, change: dict, problems: list, marked: list[str], known: dict, rows=None, skipped: int = 0, table: Writing | None = None):
        """`change` is what stands at (row, field); `known` what the report knows instead; `marked` are the figures that lost one input."""
        rows = rows or broilers()
        written_rows = [dict(row) for row in rows]
        for (at, name), text in change.items():
            written_rows[at][name] = text
        for (at, name), value in known.items():
            rows[at][name] = value
        results = figures(days(rows, by_day))
        expect = {"rows": len(rows) - skipped, "problem_count": len(problems), "problems": [dict(zip(("line", "column", "text"), place, strict=True)) for place in problems]}
        batch = {method: told(result, int(method in marked)) for method, result in results.items()}
        # What a list of the days lost is known day by day there.
        for method in ("mortality.first_week.v1", "mortality.cumulative_daily.v1"):
            if marked and method in batch and "survival.v1" in marked:
                del batch[method]
        group.test(comment, ["Bad"], "valid", rows=(table or Writing(PLAIN)).table(written_rows), expect=expect | {"figures": {rows[0]["batch"]: batch}})
        objects = as_objects(written_rows)
        if not table and not any(name == "day" for _, name in change):
            # In a program the line is the place of the row, and the column the name in it.
            names = {"feed_kg": "feed_g", "water_l": "water_ml"}
            places = [(line - 1, names.get(column, column), text) for line, column, text in problems]
            expect = expect | {"problems": [dict(zip(("line", "column", "text"), place, strict=True)) for place in places], "figures": {rows[0]["batch"]: batch}}
            group.test(f"{comment}, in a program", ["Bad"], "valid", rows=objects, expect=expect)

    case("no number", {(2, "dead"): "two"}, [(4, "dead", "two")], losses, {(2, "dead"): None})
    case("half an animal", {(4, "culled"): "0.5"}, [(6, "culled", "0.5")], losses, {(4, "culled"): None})
    case("below 0", {(5, "feed_g"): "-27"}, [(7, "feed_kg", "-27")], of_feed, {(5, "feed_g"): None})
    case("a letter in a number", {(8, "water_ml"): "79,5x"}, [(10, "water_l", "79,5x")], of_water, {(8, "water_ml"): None})
    case("too large", {(6, "feed_g"): "9" * 40}, [(8, "feed_kg", "9" * 40)], of_feed, {(6, "feed_g"): None})
    case(
        "two cells of two rows",
        {(1, "water_ml"): "?", (10, "dead"): "3 or 4"},
        [(3, "water_l", "?"), (12, "dead", "3 or 4")],
        [*losses, *of_water],
        {(1, "water_ml"): None, (10, "dead"): None},
    )
    few = [{"batch": "B", "day": at, "placed": 500 if at == 0 else None, "dead": 1, "feed_g": 12_000 * (at + 1)} for at in range(4)]
    feed = ["adfi.v1"]
    case("a number with two readings", {(2, "feed_g"): "1.250"}, [(4, "feed_kg", "1.250")], feed, {(2, "feed_g"): None}, few, 0, Writing(small[:2] + small[2:5], delimiter=";", decimal=","))


def placed_rows(file):
    """Rows that belong to no batch, or to no day that is known."""
    group = file.group("kpi.report")
    head = "batch,date,placed,dead\n"

    def case(comment: str, table: str, problems: list, **expect):
        named = [dict(zip(("line", "column", "text"), place, strict=True)) for place in problems]
        group.test(comment, ["Bad"], "valid", rows=table, expect=expect | {"problems": named, "problem_count": len(problems)})

    def survival(num: int, den: int, missing: int = 0) -> dict:
        warnings = ["input_missing"] if missing else []
        value = {"value": num / den, "num": num, "den": den, "missing": missing, "warnings": warnings}
        return {"figures": {"A": {"survival.v1": value}}}

    case("no batch", head + "A,2026-01-01,100,1\n,2026-01-02,,4\n", [(3, None, "")], **survival(99, 100), rows=1)
    case("no such date", head + "A,2026-01-01,100,1\nA,2026-02-30,,4\n", [(3, "date", "2026-02-30")], **survival(99, 100, 1), rows=2)
    case("a date with two readings", head + "A,2026-01-01,100,1\nA,03/04/2026,,4\n", [(3, "date", "03/04/2026")], **survival(99, 100, 1), rows=2)
    case("a date with one reading", head + "A,01/13/2026,100,1\nA,01/14/2026,,4\n", [], **survival(95, 100), rows=2)
    case("a year of two digits", head + "A,2026-01-01,100,1\nA,2.1.26,,4\n", [(3, "date", "2.1.26")], **survival(99, 100, 1), rows=2)
    case("a day that no animal reaches", "batch,day,placed,dead\nA,0,100,1\nA,1000001,,4\n", [(3, None, "A")], **survival(99, 100, 1), rows=2)
    case("lines count as in the file", "Title\n\n" + head + "\nA,2026-01-01,100,1\n\nA,2026-01-02,,x\n", [(7, "dead", "x")], rows=2)
    case("two weights or one", 'batch,day,placed,weights_g\nA,0,100,"210,225"\nA,1,,230\n', [(2, "weights_g", "210,225")], rows=2)
    more = "batch,day,placed,dead\nA,0,100,1\nA,1,,200\n"
    case("more dead than there are", more, [], rows=2, figures={"A": {"survival.v1": None, "head_days.daily_mean.v1": None}})


def refusals(file):
    group = file.group("kpi.report")
    fine = "batch,day,placed,dead\nA,0,100,1\n"

    def case(comment: str, rows, code: str = "kpi_bad_row", **more):
        group.test(comment, ["Refused"], "invalid", rows=rows, code=code, **more)

    case("an empty table", "")
    case("no header", "1,2,3\n4,5,6\n")
    case("a measure without a unit", "batch,day,feed\nA,0,12\n")
    case("a unit of another kind", "batch,day,feed_l\nA,0,12\n")
    case("an unknown unit", "batch,day,feed_bags\nA,0,12\n")
    case("two columns of one field", "batch,day,dead,deaths\nA,0,1,1\n")
    case("no column for the batch", "day,dead\n0,1\n")
    case("a workbook", {"hex": (b"PK\x03\x04" + b"0" * 40).hex()})
    case("UTF-16", {"hex": fine.encode("utf-16").hex()})
    case("rows: a measure without a unit", [{"batch": "A", "day": 0, "feed": 12}])
    case("rows: no batch at all", [{"day": 0, "dead": 1}])
    case("targets: an unknown member", fine, targets={"breeds": "x"})
    case("targets: no figure of ours", fine, targets={"figures": {"survival": {"value": 0.97, "unit": "fraction"}}})
    case("targets: no unit", fine, targets={"figures": {"survival.v1": {"value": 0.97}}})
    case("targets: another unit", fine, "kpi_unit_mismatch", targets={"figures": {"survival.v1": {"value": 97, "unit": "percent"}}})
    case("targets: a curve in kg", fine, "kpi_unit_mismatch", targets={"growth": {"unit": "kg", "days": [0], "values": [0.042]}})
    case("targets: days that do not grow", fine, targets={"growth": {"unit": "g", "days": [7, 0], "values": [180, 42]}})
    case("targets: a value too few", fine, targets={"growth": {"unit": "g", "days": [0, 7], "values": [42]}})
    case("targets: a weight below 0", fine, "kpi_bad_weights", targets={"weights": {"survival.v1": {"weight": -1}}})
    case("targets: weights of 0", fine, "kpi_bad_weights", targets={"weights": {"survival.v1": {"weight": 0}}})


def targets_and_farm(file):
    group = file.group("kpi.report")
    rows, results = broilers(), figures(days(broilers(), by_day))
    wanted = {"survival.v1": 0.97, "fcr.live_weight.v1": 1.1, "adg.from_zero.v1": 30, "cv.v1": 8, "epef.v1": 300, "mortality.v1": 0}

    def compared(results: dict, wanted: dict) -> dict:
        expect = {}
        for method, target in wanted.items():
            unit, value = results[method]["unit"], results[method]["value"]
            deviation = kpi.evaluate("deviation.v1", {"actual": {"value": value, "unit": unit}, "target": {"value": target, "unit": unit}})
            expect[method] = {"value": value, "target": {"value": target, "unit": unit}, "deviation": told(deviation)}
        return expect

    targets = {"figures": {method: {"value": value, "unit": results[method]["unit"]} for method, value in wanted.items()}}
    expect = {"figures": {"A1": compared(results, wanted) | {"cull.v1": {"target": None, "deviation": None}}}}
    group.test("deviations", ["Targets"], "valid", rows=as_objects(rows), targets=targets, expect=expect)
    group.test("deviations of a table", ["Targets"], "valid", rows=Writing(PLAIN).table(rows), targets=targets, expect=expect)
    named = {"breed": "farm standard", "edition": "2026", "basis": "as hatched"}
    group.test("where they come from", ["Targets"], "valid", rows=as_objects(rows), targets=named, expect={"targets": named})

    flocks = {"A1": broilers(), "B2": broilers("B2", lost=30, feed=40_000), "C3": broilers("C3", lost=10, feed=90_000), "D4": broilers("D4")}
    of = {name: figures(days(one, by_day)) for name, one in flocks.items()}
    lower = {"fcr.live_weight.v1": True, "survival.v1": False, "cv.v1": True}
    many = [row for at in range(14) for flock in flocks.values() for row in [flock[at]]]

    def farm(ids: list[str]) -> dict:
        expect = {}
        for method in ids:
            values = [results[method]["value"] for results in of.values()]
            pooled = all(results[method].get("num") is not None for results in of.values())
            sums = [sum(results[method][name] for results in of.values()) for name in ("num", "den")] if pooled else []
            best = kpi.evaluate("percentile.linear.v1", {"values": values, "p": 0.25 if lower[method] else 0.75})["value"]
            mean = float(sums[0]) / float(sums[1]) if pooled else sum(values) / len(values)
            expect[method] = {"n": len(values), "mean": mean, "mean_of": "sums" if pooled else "batches", "best_quarter": best}
        return expect

    for comment, weights in (
        ("a ranking with ties", {"fcr.live_weight.v1": (2, True), "survival.v1": (1, False)}),
        ("a figure that is the same in all", {"cv.v1": (1, True), "survival.v1": (3, False)}),
        ("a figure that no batch has", {"health.farm.v1": (1, False), "survival.v1": (1, False)}),
        ("too little of the weights: no score", {"health.farm.v1": (3, False), "survival.v1": (1, False)}),
    ):
        cohort = [{"id": name, "figures": {method: results.get(method, {}).get("value") for method in weights}} for name, results in of.items()]
        asked = {method: {"weight": weight, "lower_is_better": low} for method, (weight, low) in weights.items()}
        ranking = kpi.evaluate("rank.v1", {"cohort": cohort, "weights": asked})["value"]
        expect = {"ranking": ranking, "batch_count": 4, "rows": 56, "farm": farm([method for method in weights if method in lower])}
        group.test(comment, ["Farm"], "valid", rows=as_objects(many), targets={"weights": asked}, expect=expect)
    table = Writing(PLAIN).table(many)
    expect = {"batch_count": 4, "figures": {name: {method: told(result) for method, result in results.items()} for name, results in of.items()}}
    group.test("four batches in one table, day by day", ["Farm"], "valid", rows=table, expect=expect)


def build():
    file = VectorFile("kpi/report.json", NOTES)
    rows_of_a_program(file)
    tables(file)
    bad_rows(file)
    placed_rows(file)
    refusals(file)
    targets_and_farm(file)
    return [file]
