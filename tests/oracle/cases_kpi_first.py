"""`kpi.evaluate`: the numbers that kpi.md prints, to the digits that it prints."""

from vector_file import VectorFile

NOTES = {"Worked": "kpi.md section 2, last column", "Spread": "kpi.md section 3, rules 3 and 4"}


def hens() -> list[list[int]]:
    """200 hens, 4 die on day 11, 10 come on day 15, of 31 days."""
    days = [[200, 200]] * 11 + [[200, 196]] + [[196, 196]] * 3 + [[196, 206, 10]] + [[206, 206]] * 15
    assert len(days) == 31
    return days


# Weights with a mean of 1050 g, of which 95 lie from 945 to 1155 g and 20 do not.
TNAU = [945, 1155] + [1050] * 93 + [900, 1200] * 10

WORKED = (
    ("800 of 20 000 lost", "survival.v1", {"placed": 20_000, "dead": 700, "culled": 100}, 0.96, 0),
    ("3.23 deaths per 1000 pig-weeks", "mortality.per_1000_head_weeks.v1", {"dead": 323, "head_days": 700_000}, 3.23, 1e-12),
    ("hens by the mean of each day", "head_days.daily_mean.v1", {"daily": hens()}, 6277, 0),
    ("hens by their exits", "head_days.exits.v1", {"placed": 200, "entries": [[15, 10]], "exits": [[11, 4]], "days": 31}, 6270, 0),
    ("42 g to 2257 g in 37 days", "adg.net.v1", {"weight_start_g": 42, "weight_end_g": 2257, "days": 37}, 59.86, 0.005),
    ("2257 g in 37 days", "adg.from_zero.v1", {"weight_g": 2257, "age_days": 37}, 61, 0),
    ("Cobb 500, day 7, on live weight", "fcr.live_weight.v1", {"feed_g": 180, "live_weight_out_g": 202}, 0.891, 0.0005),
    ("Cobb 500, day 7, on gain", "fcr.closeout.v1", {"feed_g": 180, "weight_started_g": 42, "weight_sold_g": 202}, 1.125, 0),
    ("1.46 at 1700 g, to 1500 g", "fcr.corrected.v1", {"fcr": 1.46, "weight_g": 1700, "reference_g": 1500, "per_100g": 0.04}, 1.38, 1e-12),
    (
        "95 %, 1.85 kg, 44 days, 1.88",
        "epef.v1",
        {"survival": 0.95, "weight_g": 1850, "age_days": 44, "fcr": 1.88, "fcr_basis": "live_weight"},
        212.46,
        0.005,
    ),
    ("0.2 of 2.5", "cv.v1", {"weights": [2300, 2500, 2700]}, 8, 0),
    ("a CV of 8", "uniformity.score.v1", {"weights": [2300, 2500, 2700]}, 92, 0),
    ("a CV above 100", "uniformity.score.v1", {"weights": [0, 0, 0, 9]}, 0, 0),
    ("95 of 115 birds", "uniformity.band.v1", {"weights": TNAU}, 0.826, 0.0005),
    ("a mean of 1320 g reaches to 1452 g", "uniformity.band.v1", {"weights": [1320, 1452, 1188]}, 1, 0),
    ("a CV of 10", "uniformity.from_cv.v1", {"cv": 10}, 68.27, 0.005),
    ("4 %, 10 %, 15 %", "health.farm.v1", {"mortality": 0.04, "morbidity": 0.10, "treatment": 0.15}, 76.5, 1e-12),
    ("nothing lost", "health.farm.v1", {"mortality": 0, "morbidity": 0, "treatment": 0}, 100, 0),
    ("all lost", "health.farm.v1", {"mortality": 1, "morbidity": 1, "treatment": 1}, 0, 0),
    ("61 against 65 g a day", "deviation.v1", {"actual": 61, "target": 65}, -0.0615, 0.00005),
    ("three conversions", "norm.min_max.v1", {"values": [1.5, 1.6, 1.7], "lower_is_better": True}, [1, 0.5, 0], 1e-12),
    ("p95 of 1 to 20, linear", "percentile.linear.v1", {"values": list(range(1, 21)), "p": 0.95}, 19.05, 1e-12),
    ("p95 of 1 to 20, nearest rank", "percentile.nearest_rank.v1", {"values": list(range(1, 21)), "p": 0.95}, 19, 0),
    ("0.07 of 100 is the 7th", "percentile.nearest_rank.v1", {"values": list(range(1, 101)), "p": 0.07}, 7, 0),
    ("1430 of 1440", "availability.v1", {"errors": 10, "total": 1440}, 0.993056, 5e-7),
    ("9108 eggs of 9900 hen-days", "hen_day.v1", {"eggs": 9108, "hen_days": 9900}, 0.92, 0),
    ("9108 eggs of 10 000 hens housed", "hen_housed.v1", {"eggs": 9108, "housed": 10_000, "days": 1}, 0.9108, 0),
    ("39 kg on a square metre", "density.v1", {"live_weight_g": 39_000, "area_cm2": 10_000}, 39, 0),
)


def build():
    file = VectorFile("kpi/first.json", NOTES)
    group = file.group("kpi.evaluate")
    for comment, method, args, value, tol in WORKED:
        expect = {"id": method, "value": value} | ({"tol": tol} if tol else {})
        group.test(comment, ["Worked"], "valid", method=method, args=args, expect=expect)
    merged = {"parts": [[2000, 2100, 2200], [2600, 2700, 2800, 2900]]}
    group.test("two weighings merged", ["Spread"], "valid", method="moments.integer.v1", args=merged, expect={"n": 7, "sd": 364, "tol": 0.5})
    for population, value in ((False, 51.6), (True, 44.7)):
        args = {"weights": [1, 2, 3, 4]} | ({"population": True} if population else {})
        group.test("n or n - 1", ["Spread"], "valid", method="cv.v1", args=args, expect={"value": value, "tol": 0.05})
    square = {"parts": [[1_000_000_004, 1_000_000_007], [1_000_000_013, 1_000_000_016]]}
    for method in ("moments.integer.v1", "moments.f64.v1"):
        group.test("a variance of 30 beside a mean of 1e9", ["Spread"], "valid", method=method, args=square, expect={"sd": 30**0.5, "tol": 1e-12})
    return [file]
