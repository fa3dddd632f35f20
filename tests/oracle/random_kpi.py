"""`random_kpi.py RUNNER [COUNT [SEED]]`: random arguments for every figure, told by the oracle and run by a conformance runner.

Nothing of it is committed: it looks for disagreements that nobody thought of. What the page does not say is not asked.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import kpi
import vector_file
from kpi_asked import ask, told, written
from vector_file import VectorFile

EDGES = (0, 1, 2, 7, 99, 100, 101, 2**26, 2**32, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64 - 1)
DOUBLES = (0.0, 0.1, 0.5, 1.5, 2.257, 1e-300, 5e-324, 1e15 + 0.3, 1e154, 1e300, 1.7976931348623157e308)
WRONG = (-1, -0.5, 2**64, 10**40, "x", "", "1.5", True, {"f64": "NaN"}, {"f64": "Infinity"}, {"f64": "-Infinity"}, [], {}, [1], 1e300, 0.3)
NAMES = ("adg", "cv", "fcr", "\uff5e", "\U0001f414", "Z", "a", "ä", "mortality")


class Dice(random.Random):
    def whole(self):
        """Often of a flock's size, at times at the edge of a type."""
        kind = self.random()
        if kind < 0.75:
            return self.randrange(10 ** self.randint(1, 6))
        return self.choice(EDGES) if kind < 0.9 else self.randrange(2**64)

    def small(self):
        return self.randrange(self.choice((1, 3, 50, 3000)))

    def real(self):
        kind = self.random()
        if kind < 0.3:
            return self.small()
        if kind < 0.9:
            return round(self.uniform(0, 10 ** self.randint(-2, 5)), self.randint(0, 6)) if kind < 0.6 else self.uniform(0, 4000)
        return self.choice(DOUBLES)

    def signed(self):
        return self.real() * self.choice((1, 1, -1))

    def share(self):
        kind = self.random()
        if kind < 0.2:
            return self.choice((0, 1, 0.5, 0.1, 0.2, 0.07, 1e-9, 5e-324, 0.9999999999999999))
        return round(self.random(), self.randint(1, 3)) if kind < 0.7 else self.random()

    def head_days(self):
        kind = self.random()
        if kind < 0.6:
            return self.randrange(10**6)
        return self.randrange(10**6) + 0.5 if kind < 0.9 else self.choice((0, 0.5, 1, written(2**62), written(2**63 - 1)))

    def days(self):
        return self.choice((self.randint(0, 60), self.randint(1, 400), self.randint(1, 99) + 0.5, self.uniform(0, 100), *DOUBLES[:3]))

    def list(self, make, most=40, gaps=True):
        length = self.choice((0, 1, 2, 3, self.randint(2, 20), self.randint(2, most)))
        hole = self.choice((0, 0, 0.1, 0.4)) if gaps else 0
        return [None if self.random() < hole else make() for _ in range(length)]

    def weights(self):
        """Grams, kilograms, equal ones, and now and then something large."""
        mean = self.choice((0, 1, 50, 1320, 2500, 2**30, 2**53))
        kind = self.random()
        if kind < 0.4:
            return self.list(lambda: max(0, round(self.gauss(mean, mean / 10))), self.choice((40, 130)))
        if kind < 0.5:
            return self.list(lambda: self.choice((900, 1000, 1100, 800, 1200)))
        if kind < 0.8:
            return self.list(lambda: round(abs(self.gauss(2.5, 0.2)), 3))
        return self.list(self.real if kind < 0.95 else lambda: written(self.whole()))


def animals(dice: Dice) -> dict:
    placed, moved_in = dice.whole(), dice.choice((0, dice.whole()))
    rest, args = placed + moved_in, {"placed": written(placed)}
    for name in ("dead", "culled", "moved_out"):
        lost = min(dice.choice((0, dice.randint(0, rest), dice.randint(0, rest // 20))), 2**64 - 1)
        args[name] = written(lost)
        rest -= lost if dice.random() < 0.97 else 0
    return args | ({"moved_in": written(moved_in)} if moved_in or dice.random() < 0.5 else {})


def daily(dice: Dice) -> dict:
    length, args, present = dice.randint(0, 40), {"placed": dice.randint(0, 3000)}, 0
    present = args["placed"]
    lists = {name: [] for name in ("daily_dead", "daily_culled", "daily_out", "daily_in")}
    for _ in range(length):
        for name, most in (("daily_dead", present // 20), ("daily_culled", present // 40), ("daily_out", present // 3)):
            heads = dice.randint(0, most) if dice.random() < 0.6 else 0
            lists[name].append(heads)
            present -= heads
        came = dice.choice((0, 0, 0, dice.randint(0, 50)))
        lists["daily_in"].append(came)
        present += came
    if length and dice.random() < 0.05:
        lists["daily_dead"][-1] += present + dice.randint(0, 2)
    if length and dice.random() < 0.05:
        lists["daily_out"].append(0)
    if lists["daily_dead"] and dice.random() < 0.1:
        lists["daily_dead"][dice.randrange(length)] = None
    for name in ("daily_culled", "daily_out", "daily_in"):
        if not any(lists[name]) and (dice.random() < 0.5 or not length):
            del lists[name]
    return args | lists


def movements(dice: Dice) -> dict:
    """Who comes and who leaves on one day are not both asked: the page does not say which animals leave then."""
    days, placed = dice.randint(0, 60), dice.choice((0, dice.randint(0, 300), 2**64 - 1))
    order = dice.sample(range(days), min(days, dice.randint(0, 8)))
    entries, exits, present = [], [], placed
    for day in sorted(order):
        if dice.random() < 0.4:
            heads = dice.randint(0, 50)
            entries.append([day, heads])
            present += heads
        else:
            heads = dice.randint(0, max(0, min(present, 40))) if dice.random() < 0.98 else min(present + 1, 2**64 - 1)
            exits.append([day, written(heads)])
            present -= heads
    if dice.random() < 0.03:
        exits.append([days + 1 + dice.small(), 1])
    dice.shuffle(entries)
    dice.shuffle(exits)
    return {"placed": written(placed), "entries": entries, "exits": exits, "days": days}


def scored(dice: Dice) -> dict:
    names = dice.sample(NAMES, dice.randint(0, 5))
    norms = {name: None if dice.random() < 0.2 else dice.share() for name in names}
    weights = {name: dice.choice((0, 1, 2, 0.1, 0.3, dice.random())) for name in dice.sample(NAMES, dice.randint(0, 3)) + names if dice.random() < 0.9}
    return {"norms": norms, "weights": weights} | ({"min_coverage": dice.share()} if dice.random() < 0.3 else {})


def cohort(dice: Dice) -> dict:
    names = dice.sample(NAMES, dice.randint(1, 4))
    values = [round(dice.uniform(-2, 5), 1) for _ in range(3)]

    def row(name):
        figures = {name: dice.choice((None, *values, *values, *values)) for name in names if dice.random() < 0.9}
        return {"id": name, "figures": figures}

    ids = [prefix + dice.choice(("", "1", "\ue000", "\U00010000")) for prefix in dice.sample(NAMES, dice.randint(0, 8))]
    weights = {name: {"weight": dice.choice((1, 2, 0.5, dice.random(), 0))} for name in names}
    for weight in weights.values():
        if dice.random() < 0.7:
            weight["lower_is_better"] = dice.random() < 0.5
    return {"cohort": [row(name) for name in ids + (ids[:1] if dice.random() < 0.05 else [])], "weights": weights}


def index(dice: Dice) -> dict:
    basis = dice.choice(("live_weight", "gain"))
    kind = dice.random()
    if kind < 0.7:
        return {"fcr": dice.choice((round(dice.uniform(1, 3), 3), dice.real())), "fcr_basis": basis}
    method = dice.choice(("fcr.live_weight.v1", "fcr.closeout.v1", "fcr.mortality_adjusted.v1"))
    return {"fcr": {"method": method, "args": whole_arguments(dice, method)}}


def whole_arguments(dice: Dice, method: str) -> dict:
    """Arguments by kind, for figures whose arguments do not hang together."""
    args = {}
    for name, (kind, default) in kpi.SIGNATURES[method].items():
        if default is not kpi.NEED and dice.random() < 0.3:
            continue
        if (kind, default) == kpi.DAYS:
            args[name] = dice.days()
        else:
            args[name] = {kpi.count: lambda: written(dice.whole()), kpi.halves: dice.head_days, kpi.share: dice.share, kpi.positive: dice.real}[kind]()
    return args


def quantities(dice: Dice) -> dict:
    unit = dice.choice((None, "g", "g_per_day"))
    args = {}
    for name in ("actual", "target"):
        value = dice.choice((0, dice.signed(), dice.signed()))
        one = unit if dice.random() < 0.95 else "kg"
        args[name] = value if one is None else {"value": value, "unit": one}
    return args


def pairs(dice: Dice) -> dict:
    x = dice.list(dice.signed)
    head_days = [None if dice.random() < 0.05 else dice.choice((dice.head_days, dice.small))() for _ in x]
    return {"x": x, "head_days": head_days[: len(x) - (dice.random() < 0.03)]}


def errors(dice: Dice) -> dict:
    total = dice.whole()
    return {"errors": written(dice.randint(0, total) if dice.random() < 0.95 else min(total + 1, 2**64 - 1)), "total": written(total)}


def moments(values):
    return lambda dice: {"parts": [dice.list(lambda: values(dice), dice.choice((5, 40, 1100, 2100))) for _ in range(dice.randint(0, 4))]}


def flagged(name: str, make):
    return lambda dice: make(dice) | ({name: dice.random() < 0.5} if dice.random() < 0.6 else {})


def of_list(name: str, make, **more):
    return lambda dice: {name: make(dice)} | {key: one(dice) for key, one in more.items() if dice.random() < 0.99}


MAKERS = {
    **dict.fromkeys(("survival.v1", "survival.at_risk.v1", "mortality.v1", "cull.v1", "loss.v1"), animals),
    "mortality.first_week.v1": lambda dice: {"placed": dice.small(), "daily_dead": dice.list(lambda: dice.randrange(9), 10)},
    "mortality.cumulative_daily.v1": daily,
    "head_days.daily_mean.v1": lambda dice: {
        "daily": dice.list(lambda: dice.choice(([start := dice.whole() % 2**62, dice.randint(0, start)], [written(start), written(start + 5), 5 + dice.small()])))
    },
    "head_days.exits.v1": movements,
    "mean.head_day_weighted.v1": pairs,
    "epef.v1": lambda dice: {"survival": dice.share(), "weight_g": dice.whole() % 2**50, "age_days": dice.days()} | index(dice),
    "ebi.v1": lambda dice: {"adg_g": dice.real(), "survival": dice.share()} | index(dice),
    "epef.flocks.v1": of_list("values", Dice.weights),
    "cv.v1": flagged("population", of_list("weights", Dice.weights)),
    "uniformity.score.v1": of_list("weights", Dice.weights),
    "uniformity.band.v1": lambda dice: {"weights": dice.weights()} | dice.choice(({}, {"band": 0.1}, {"band": 0.2}, {"band": dice.share()})),
    "weight.mean.v1": lambda dice: {"weights": dice.weights()} | dice.choice(({}, {"flock_size": dice.choice((0, 100, 300, 5000, 20_000, dice.small()))})),
    "deviation.v1": quantities,
    "norm.min_max.v1": flagged("lower_is_better", of_list("values", lambda dice: dice.list(dice.signed))),
    "score.composite.v1": scored,
    "rank.v1": cohort,
    "percentile.linear.v1": of_list("values", lambda dice: dice.list(dice.signed), p=Dice.share),
    "percentile.nearest_rank.v1": of_list("values", lambda dice: dice.list(dice.signed, 130), p=Dice.share),
    "error_rate.v1": errors,
    "availability.v1": errors,
    "feed_cost.v1": lambda dice: {"cost_minor": written(dice.whole())} | dice.choice(({"weight_g": dice.small()}, {"eggs": dice.small()}, {}, {"eggs": 1, "weight_g": 1})),
    "moments.integer.v1": moments(lambda dice: written(dice.choice((dice.small(), dice.small(), dice.whole())))),
    "moments.f64.v1": moments(Dice.signed),
}


def spoiled(dice: Dice, method: str, args: dict) -> dict:
    """With one fault."""
    args, kind = dict(args), dice.random()
    if kind < 0.1:
        return args | {"unknown": 1}
    required = [name for name, (_, default) in kpi.SIGNATURES[method].items() if default is kpi.NEED and name in args]
    if kind < 0.2 and required:
        name = dice.choice(required)
        # Whether a count that is left out is 0 is said of some only.
        if name == "placed" or (kpi.SIGNATURES[method][name][0] is not kpi.count and name not in ("entries", "exits")):
            del args[name]
        return args
    name, wrong = dice.choice(sorted(args) or ["unknown"]), dice.choice(WRONG)
    if isinstance(args.get(name), dict) or name.startswith("daily_"):
        # A result that is replaced takes its basis with it, and whether an empty list is one that is left out is not said.
        return args
    if isinstance(args.get(name), list) and len(args[name]) and dice.random() < 0.8:
        place = dice.randrange(len(args[name]))
        args[name] = [*args[name][:place], wrong, *args[name][place + 1 :]]
        return args
    return args | {name: wrong}


def main(runner: str, count: int = 10_000, seed: int = 1) -> int:
    dice, told_so_far = Dice(seed), Counter()
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        vector_file.VECTORS = folder
        methods = sorted(kpi.SIGNATURES)
        for at in range(0, count, 10_000):
            file = VectorFile(f"kpi-{at}.json", {})
            for number in range(at, min(count, at + 10_000)):
                if number % 500 == 0:
                    group = file.group("kpi.evaluate")
                method = methods[number % len(methods)]
                make = MAKERS.get(method)
                args = make(dice) if make else whole_arguments(dice, method)
                # One fault at a time: which of two is told is not said.
                if dice.random() < 0.15 and method != "feed_cost.v1" and not told(method, args)[0]:
                    args = spoiled(dice, method, args)
                ask(group, f"seed {seed}, {number}: {method} of {json.dumps(args)[:400]}", [], method, args)
            for group in file.groups:
                for test in group.tests:
                    told_so_far[f"{test['method']} {test.get('code') or test['expect'].get('reason') or 'ok'}"] += 1
            file.write()
        print(json.dumps(dict(sorted(told_so_far.items())), indent=1))
        return subprocess.run([*runner.split(), str(folder), str(folder / "report")], check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1], *map(int, sys.argv[2:])))
