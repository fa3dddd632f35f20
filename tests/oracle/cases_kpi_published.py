"""`kpi.evaluate`: worked examples and data sets that others have published, to the digits that they print."""

from kpi_asked import told
from vector_file import VectorFile

NOTES = {
    "Chicks": "chickwts of R (McNeil 1977): weights in g of 71 chicks after six weeks on six feeds; n, mean and SD as OpenIntro Statistics prints them, quartiles as summary() does",
    "Sleep": "sleep of R (Student 1908, Biometrika 6): hours of sleep gained, one drug over the other; mean and 95 % interval as t.test() prints them",
    "Quartet": "Anscombe 1973, The American Statistician 27: four sets with one mean and one SD",
    "Cars": "mtcars of R (Henderson and Velleman 1981): miles per gallon of 32 cars, as quantile() and sd() print them",
    "Percentile": "the worked examples of Wikipedia's article on percentiles: nearest rank, and linear interpolation with C = 1",
    "Spread": "the worked examples of Wikipedia's articles on the standard deviation and the coefficient of variation, of a population",
    "Index": "poultryperformanceplus.com, European broiler index: 61 g a day, 96 %, 1.62: 361.5",
    "Conversion": "bostanji.net: 2.5 kg of feed for a broiler of 1.8 kg: 1.389",
}
CHICKS = {
    "horsebean": ([179, 160, 136, 227, 217, 168, 108, 124, 143, 140], 160.20, 38.63),
    "linseed": ([309, 229, 181, 141, 260, 203, 148, 169, 213, 257, 244, 271], 218.75, 52.24),
    "soybean": ([243, 230, 248, 327, 329, 250, 193, 271, 316, 267, 199, 171, 158, 248], 246.43, 54.13),
    "sunflower": ([423, 340, 392, 339, 341, 226, 320, 295, 334, 322, 297, 318], 328.92, 48.84),
    "meatmeal": ([325, 257, 303, 315, 380, 153, 263, 242, 206, 344, 258], 276.91, 64.90),
    "casein": ([368, 390, 379, 260, 404, 318, 352, 359, 216, 222, 283, 332], 323.58, 64.43),
}
ALL_CHICKS = [weight for weights, _, _ in CHICKS.values() for weight in weights]
SLEEP = [1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4]
QUARTET = (
    [8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68],
    [9.14, 8.14, 8.74, 8.77, 9.26, 8.10, 6.13, 3.10, 9.13, 7.26, 4.74],
    [7.46, 6.77, 12.74, 7.11, 7.81, 8.84, 6.08, 5.39, 8.15, 6.42, 5.73],
    [6.58, 5.76, 7.71, 8.84, 8.47, 7.04, 5.25, 12.50, 5.56, 7.91, 6.89],
)
CARS = [
    *(21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2, 17.8, 16.4, 17.3, 15.2, 10.4, 10.4),
    *(14.7, 32.4, 30.4, 33.9, 21.5, 15.5, 15.2, 13.3, 19.2, 27.3, 26.0, 30.4, 15.8, 19.7, 15.0, 21.4),
]
FIVE, TEN, ELEVEN = [15, 20, 35, 40, 50], [3, 6, 7, 8, 8, 10, 13, 15, 16, 20], [3, 6, 7, 8, 8, 9, 10, 13, 15, 16, 20]
RANKS = (
    (FIVE, {0.05: 15, 0.30: 20, 0.40: 20, 0.50: 35, 1: 50}),
    (TEN, {0.25: 7, 0.50: 8, 0.75: 15, 1: 20}),
    (ELEVEN, {0.25: 7, 0.50: 9, 0.75: 15, 1: 20}),
)


def build():
    file = VectorFile("kpi/published.json", NOTES)
    group = file.group("kpi.evaluate")

    def published(flag, comment, method, args, expect, tol):
        """What is printed must be what the oracle computes, to half of the last digit printed."""
        code, result = told(method, args)
        assert not code and all(abs(result[name] - number) <= tol for name, number in expect.items()), (comment, code, result)
        group.test(f"{method}: {comment}", [flag], "valid", method=method, args=args, expect=expect | {"tol": tol})

    for feed, (weights, mean, sd) in CHICKS.items():
        published("Chicks", feed, "weight.mean.v1", {"weights": weights}, {"n": len(weights), "mean": mean, "sd": sd}, 0.005)
        published("Chicks", f"{feed} by doubles", "moments.f64.v1", {"parts": [weights]}, {"n": len(weights), "mean": mean, "sd": sd}, 0.005)
    parts = [weights for weights, _, _ in CHICKS.values()]
    published("Chicks", "six feeds merged", "moments.integer.v1", {"parts": parts}, {"n": 71, "mean": 261.3, "min": 108, "max": 423}, 0.05)
    for p, weight in {0: 108, 0.25: 204.5, 0.5: 258, 0.75: 323.5, 1: 423}.items():
        published("Chicks", f"quantile {p}", "percentile.linear.v1", {"values": ALL_CHICKS, "p": p}, {"value": weight}, 1e-9)
    expect = {"mean": 1.58, "ci95_low": 0.7001142, "ci95_high": 2.4598858}
    published("Sleep", "paired differences", "epef.flocks.v1", {"values": SLEEP}, expect, 5e-8)
    for at, values in enumerate(QUARTET, 1):
        published("Quartet", f"y of set {at}", "epef.flocks.v1", {"values": values}, {"n": 11, "mean": 7.50, "sd": 2.03}, 0.005)
    published("Quartet", "x", "epef.flocks.v1", {"values": [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5]}, {"n": 11, "mean": 9, "sd": 11**0.5}, 1e-12)
    for p, miles in {0: 10.4, 0.25: 15.425, 0.5: 19.2, 0.75: 22.8, 1: 33.9}.items():
        published("Cars", f"quantile {p}", "percentile.linear.v1", {"values": CARS, "p": p}, {"value": miles}, 1e-9)
    published("Cars", "mean and deviation", "epef.flocks.v1", {"values": CARS}, {"n": 32, "mean": 20.09062, "sd": 6.026948}, 5.1e-6)
    for values, ranks in RANKS:
        for p, value in ranks.items():
            published("Percentile", f"{p} of {len(values)}", "percentile.nearest_rank.v1", {"values": values, "p": p}, {"value": value}, 1e-12)
    for values, p, value in ((FIVE, 0.40, 29), ([1, 2, 3, 4], 0.75, 3.25)):
        published("Percentile", f"{p} of {len(values)}", "percentile.linear.v1", {"values": values, "p": p}, {"value": value}, 1e-12)
    for weights, variation, tol in (
        ([2, 4, 4, 4, 5, 5, 7, 9], 40, 1e-12),
        ([100, 100, 100], 0, 1e-12),
        ([90, 100, 110], 8.165, 0.0005),
        ([1, 5, 6, 8, 10, 40, 65, 88], 110.4, 0.05),
    ):
        published("Spread", f"{len(weights)} values", "cv.v1", {"weights": weights, "population": True}, {"value": variation}, tol)
    args = {"adg_g": 61, "survival": 0.96, "fcr": 1.62, "fcr_basis": "live_weight"}
    published("Index", "61 g a day", "ebi.v1", args, {"value": 361.5}, 0.05)
    published("Conversion", "32 days", "fcr.live_weight.v1", {"feed_g": 2500, "live_weight_out_g": 1800}, {"value": 1.389}, 0.0005)
    return [file]
