"""`limits.sequence`: tables of the literature on the generic cell rate algorithm, and tables read by hand. limits.md A4.2.

Every row is written out here as the literature or plain arithmetic has it; the oracle must come to the same.
"""

from meters import SEED, Metered, of, policy
from vector_file import VectorFile

NOTES = {
    "Burst": "ITU-T I.371 and ATM Forum TM 4.1: with the tolerance τ = (B - 1)T a source at a spacing δ < T sends exactly 1 + floor(τ / (T - δ)) conforming cells in a row",
    "Pattern": "TM 4.1: at the spacing T every cell conforms; after a non-conforming cell nothing has changed",
    "Leaky": "the dual view of I.371: a bucket that leaks 1 a µs and gets T a cell, up to τ + T, lets the same cells through",
    "Table": "rows of cost, allowed, remaining, time to full, retry; read by hand",
}

SHORT = ("allowed", "retry_after_us")


def group_of(file, **tier):
    return file.group("limits.sequence", policy=policy(of("p", {"id": "t", **tier})), seed=SEED)


def build():
    file = VectorFile("limits/tables.json", NOTES)
    bursts(file)
    patterns(file)
    leaky(file)
    tables(file)
    return [file]


def bursts(file):
    # T = period / limit in µs.
    for limit, period, burst, spacings in (
        (1, "4ms", 1, (1, 3999)),
        (1, "4ms", 2, (1, 2000, 2001, 3900)),
        (1, "4ms", 5, (1, 1000, 3000, 3200, 3201)),
        (2, "9ms", 3, (0, 1500, 2250, 3000, 4050)),
        (3, "10ms", 4, (0, 1, 833, 1111, 2222, 3000)),
        (7, "3s", 10, (0, 1, 214285, 300000)),
    ):
        micros = {"4ms": 4_000, "9ms": 9_000, "10ms": 10_000, "3s": 3_000_000}[period]
        group = group_of(file, limit=limit, period=period, burst=burst)
        for spacing in spacings:
            # 1 + floor((B - 1)T / (T - δ)), in whole numbers.
            cells = 1 + (burst - 1) * micros // (micros - spacing * limit)
            with Metered(group, f"{limit} in {period}, burst {burst}, cells {spacing} us apart: {cells} in a row", "Burst") as s:
                for cell in range(cells):
                    s.check((0, cell * spacing), "allowed", show=SHORT)
                s.check((0, cells * spacing), "denied", show=SHORT)


def patterns(file):
    for limit, period, burst, unit in ((1, "4ms", 1, 4_000), (4, "18ms", 1, 4_500), (2, "9ms", 3, 4_500)):
        group = group_of(file, limit=limit, period=period, burst=burst)
        with Metered(group, f"{limit} in {period}, burst {burst}: a cell every {unit} us", "Pattern") as s:
            for cell in range(8):
                s.check((0, cell * unit), "allowed", show=SHORT)
        with Metered(group, f"{limit} in {period}, burst {burst}: a burst, refusals, and a cell at each time", "Pattern") as s:
            s.check(0, "allowed", burst, show=SHORT)
            for cell in range(1, 7):
                s.check((0, cell * unit - 1), "denied", show=SHORT)
                s.check((0, cell * unit), "allowed", show=SHORT)
    group = group_of(file, limit=1, period="4ms", burst=1)
    with Metered(group, "a late cell earns nothing for the next one", "Pattern") as s:
        s.check(0, "allowed", show=SHORT)
        s.check((0, 7_999), "allowed", show=SHORT)
        s.check((0, 11_998), "denied", show=SHORT)
        s.check((0, 11_999), "allowed", show=SHORT)


def leaky(file):
    """The continuous-state leaky bucket of I.371, times the limit so that all is whole, told with the cells it lets through."""
    for limit, micros, burst in ((7, 3_000, 2), (3, 10_000, 4), (9, 1_001, 6)):
        group = group_of(file, limit=limit, period=f"{micros}us", burst=burst)
        for step in (1, 137, 1009):
            with Metered(group, f"{limit} in {micros} us, burst {burst}: the leaky bucket, at {step}", "Leaky") as s:
                level, last, at, dice = 0, 0, 0, step
                for _ in range(40):
                    dice = (dice * 75 + 74) % 65_537
                    at += dice % (micros // limit + step)
                    left = max(0, level - (at - last) * limit)
                    conforms = left <= (burst - 1) * micros
                    if conforms:
                        level, last = left + micros, at
                    s.check((0, at), "allowed" if conforms else "denied", show=SHORT)


def tables(file):
    def table(comment, tier, *rows):
        with Metered(group_of(file, **tier), comment, "Table") as s:
            for place, (at, cost, allowed, remaining, full, retry) in enumerate(rows):
                offered = s.check((0, at), "allowed" if allowed else "denied", cost)
                (told,) = offered["tiers"]
                got = told["remaining"], told["full_at_us"] - offered["now_us"], offered["retry_after_us"]
                assert got == (remaining, full, retry), f"{comment}, row {place}: read as {(remaining, full, retry)}, computed {got}"

    table("16 at once, 30 a minute: one is back 2 s later", {"limit": 30, "period": "60s", "burst": 16},
          (0, 1, True, 15, 2_000_000, 0),
          (0, 15, True, 0, 32_000_000, 0),
          (0, 1, False, 0, 32_000_000, 2_000_000),
          (1_999_999, 1, False, 0, 30_000_001, 1),
          (2_000_000, 1, True, 0, 32_000_000, 0),
          (33_999_999, 16, False, 15, 1, 1),
          (34_000_000, 16, True, 0, 32_000_000, 0))  # fmt: skip
    table("3 at once, 1 every 2 s", {"limit": 1, "period": "2s", "burst": 3},
          (0, 2, True, 1, 4_000_000, 0),
          (0, 2, False, 1, 4_000_000, 2_000_000),
          (500_000, 1, True, 0, 5_500_000, 0),
          (500_000, 0, True, 0, 5_500_000, 0),
          (1_250_000, 3, False, 0, 4_750_000, 4_750_000),
          (3_700_000, 1, True, 0, 4_300_000, 0),
          (9_000_000, 0, True, 3, 0, 0),
          (9_000_000, 3, True, 0, 6_000_000, 0))  # fmt: skip
    # A unit takes 428,571 3/7 µs.
    table("7 every 3 s", {"limit": 7, "period": "3s"},
          (0, 1, True, 6, 428_572, 0),
          (0, 1, True, 5, 857_143, 0),
          (0, 5, True, 0, 3_000_000, 0),
          (0, 1, False, 0, 3_000_000, 428_572),
          (428_571, 1, False, 0, 2_571_429, 1),
          (428_572, 1, True, 0, 3_000_000, 0),
          (428_572, 1, False, 0, 3_000_000, 428_571),
          (857_143, 1, True, 0, 3_000_000, 0),
          (857_143, 2, False, 0, 3_000_000, 857_143),
          (3_857_142, 7, False, 6, 1, 1),
          (3_857_143, 7, True, 0, 3_000_000, 0))  # fmt: skip
    table("100 a minute", {"limit": 100, "period": "60s"},
          (0, 100, True, 0, 60_000_000, 0),
          (599_999, 1, False, 0, 59_400_001, 1),
          (600_000, 1, True, 0, 60_000_000, 0),
          (30_600_000, 50, True, 0, 60_000_000, 0),
          (31_799_999, 2, False, 1, 58_800_001, 1),
          (90_600_000, 99, True, 1, 59_400_000, 0))  # fmt: skip
    table("1 a day", {"limit": 1, "period": "86400s"},
          (0, 1, True, 0, 86_400_000_000, 0),
          (1, 1, False, 0, 86_399_999_999, 86_399_999_999),
          (86_399_999_999, 1, False, 0, 1, 1),
          (86_400_000_000, 1, True, 0, 86_400_000_000, 0))  # fmt: skip
    # A unit takes 0.00046566... µs: the whole burst is 1 s.
    table("2^31 - 1 a second", {"limit": 2_147_483_647, "period": "1s"},
          (0, 2_147_483_647, True, 0, 1_000_000, 0),
          (0, 1, False, 0, 1_000_000, 1),
          (1, 2_147, True, 0, 1_000_000, 0),
          (1, 1, False, 0, 1_000_000, 1),
          (500_001, 1_073_741_824, False, 1_073_741_823, 500_000, 1),
          (500_001, 1_073_741_823, True, 0, 1_000_000, 0),
          (1_000_001, 2_147_483_647, False, 1_073_741_824, 500_000, 500_000))  # fmt: skip
    table("the clock goes back, and back again", {"limit": 7, "period": "3s"},
          (0, 7, True, 0, 3_000_000, 0),
          (-10_000_000, 1, False, 0, 3_000_000, 428_572),
          (-9_571_428, 1, True, 0, 3_000_000, 0),
          (-10_000_000, 0, True, 0, 3_000_000, 0),
          (-9_571_428, 0, True, 0, 3_000_000, 0),
          (-6_571_428, 7, True, 0, 3_000_000, 0))  # fmt: skip
