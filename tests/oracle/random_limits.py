"""`random_limits.py RUNNER [COUNT [SEED [memory|sqlite]]]`: random walks through limits and lockouts, told by the oracle and run by a conformance runner.

Nothing of it is committed: it looks for disagreements that nobody thought of. What the page does not say is not asked.
"""

import copy
import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import vector_file
from idempotency import Silent
from meters import ROOT, SEED, Metered
from vector_file import VectorFile

SECOND, DAY = 1_000_000, 86_400_000_000
PERIODS = ("1ms", "7ms", "1s", "1000003us", "59s", "1m", "1h", "1d", "30d", "366d")
WEIGHTS = {"token_bucket": 5, "sliding_log": 3, "sliding_window": 3, "calendar": 2, "concurrent": 3}


def tier(dice: random.Random, name: str, buckets: bool) -> dict:
    algo = "token_bucket" if buckets else dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
    limit = dice.choice((1, 2, 3, 5, 7, 10, 11, 13, 60))
    document = {"id": name, "limit": limit}
    if algo != "token_bucket" or dice.random() < 0.2:
        document["algo"] = algo
    if algo in ("token_bucket", "sliding_log", "sliding_window"):
        document["period"] = dice.choice(PERIODS)
    if algo == "token_bucket" and dice.random() < 0.4:
        document["burst"] = dice.choice((1, 2, limit, limit + 3, 3 * limit))
        if document["period"] == "366d":
            document["burst"] = min(document["burst"], 9 * limit)
    if algo == "token_bucket" and dice.random() < 0.1:
        document |= {"limit": dice.choice((97, 5000, 100_000)), "period": dice.choice(("1s", "1h", "1d"))}
    if algo == "calendar":
        document |= {"unit": dice.choice(("hour", "day", "month"))}
        if dice.random() < 0.6:
            document["tz_offset_min"] = dice.choice((-720, -210, -1, 0, 60, 345, 420, 840))
    if algo == "concurrent":
        document["lease_ttl"] = dice.choice(("1ms", "1s", "30s", "1h"))
    return document


def limit_policy(dice: random.Random, name: str) -> dict:
    waits = dice.random() < 0.3
    document = {"id": name, "tiers": [tier(dice, f"t{place}", waits) for place in range(dice.choice((1, 1, 1, 2, 2, 3, 4, 8)))]}
    if waits:
        document["reserve_max_wait"] = dice.choice(("1us", "500ms", "1s", "30s", "1h"))
    if dice.random() < 0.6:
        document["refundable"] = dice.random() < 0.8
    if dice.random() < 0.2:
        document["inherit"] = dice.choice(("reset", "proportional"))
    return document


def lockout_policy(dice: random.Random) -> dict:
    document = {"id": "login", "threshold": dice.choice((1, 2, 3, 10))}
    for name, values in (("window", ("1h", "24h", "7d")), ("duration", ("1s", "15m", "1h", "36h")), ("multiplier", (1, 2, 2))):
        if dice.random() < 0.6:
            document[name] = dice.choice(values)
    return document


def document(dice: random.Random, store: str) -> dict:
    limits = [limit_policy(dice, name) for name in ("p", "q", "r")[: dice.choice((1, 1, 2, 3))]]
    more = {"lockout": {"policies": [lockout_policy(dice)]}} if dice.random() < 0.5 else {}
    roots = {} if store == "memory:" else {"root_keys": ROOT}
    return {"version": 1, **roots, "store": {"default": store}, "limits": {"policies": limits}, **more}


def edited(dice: random.Random, policy: dict) -> dict:
    """Other limits, bursts, lifetimes; tiers that come and go; never another way of counting under an old name."""
    policy = copy.deepcopy(policy)
    for one in policy["limits"]["policies"]:
        if dice.random() < 0.3:
            one["refundable"] = dice.random() < 0.8
        for place in one["tiers"]:
            if dice.random() < 0.5:
                place["limit"] = dice.choice((1, 2, 3, 4, 7, 12, 60))
                place.pop("burst", None)
            if place.get("algo", "token_bucket") in ("token_bucket", "sliding_log") and dice.random() < 0.3:
                place["period"] = dice.choice(PERIODS)
                place.pop("burst", None)
            if place.get("algo") == "concurrent" and dice.random() < 0.3:
                place["lease_ttl"] = dice.choice(("1ms", "1s", "30s", "1h"))
        if dice.random() < 0.3:
            dice.shuffle(one["tiers"])
        if dice.random() < 0.2 and len(one["tiers"]) > 1:
            one["tiers"].pop()
    return policy


class Walk(Metered):
    def __init__(self, group, comment: str, dice: random.Random, back: bool):
        super().__init__(group, comment)
        self.dice, self.at, self.count, self.back = dice, 0, 0, back
        self.document, self.permits, self.attempts = group.members["policy"], [], []
        self.due = [SECOND]

    def go(self, steps: int):
        for _ in range(steps):
            self.at = self.moved()
            try:
                self.one()
            except Silent:
                continue

    def moved(self) -> int:
        """Microseconds since the beginning: often to and around the instants that answers named, at times back."""
        dice = self.dice
        kind = dice.random()
        if kind < 0.45:
            return self.at
        if self.back and kind < 0.5:
            return self.at - dice.choice((1, SECOND, 59 * SECOND, 3600 * SECOND, DAY, dice.randrange(10**9)))
        if kind < 0.8:
            return self.at + max(0, dice.choice(self.due) + dice.choice((-1, -1, 0, 0, 0, 1)))
        return self.at + dice.choice((1, 1000, SECOND, 60 * SECOND, 3600 * SECOND, DAY, 31 * DAY, dice.randrange(10**10)))

    def name(self) -> str:
        self.count += 1
        return f"d{self.count}"

    def one(self):
        dice, at = self.dice, (0, self.at)
        if "lockout" in self.document and dice.random() < 0.4:
            return self.lockout(at)
        policies = self.document["limits"]["policies"]
        chosen = dice.choice(policies)
        policy, subject = chosen["id"], dice.choice(("a", "a", "b"))
        most = min(tier.get("burst", tier["limit"]) for tier in chosen["tiers"])
        cost = dice.choice((1, 1, 1, 2, dice.randint(1, most), most, dice.randint(0, most + 1)))
        name, kind = self.name(), dice.random()
        if kind < 0.02:
            self.document = edited(dice, self.document)
            return self.change(at, self.document)
        if kind < 0.42:
            offered = self.check(at, None, cost, name, subject, policy, dice.choice(("check", "check_local") if self.document["store"]["default"] == "memory:" else ("check",)))
        elif kind < 0.52:
            offered = self.step("peek", at, None, policy=policy, subject=subject)
        elif kind < 0.62:
            places = [(one["id"], subject) for one in policies for subject in ("a", "b")]
            items = dice.sample(places, dice.randint(1, min(4, len(places))))
            offered = self.bundle(at, *([*place, dice.choice((0, 1, 1, 2))] for place in items), want=None, save=name)
        elif kind < 0.75 and "reserve_max_wait" in chosen and cost:
            wait = dice.choice((0, 1, 1000, SECOND, "250ms", "30s", "1h", dice.randrange(10**8)))
            offered = self.reserve(at, wait, None, cost, name, subject, policy)
        elif kind < 0.77:
            offered = self.step("reset", at, None, policy=policy, subject=subject)
        elif self.permits:
            permit, cost = dice.choice(self.permits[-3:])
            offered = self.refund(permit, at, dice.choice((None, None, dice.randint(1, cost))), None)
        else:
            return None
        if offered.get("permit"):
            self.permits.append((name, offered["cost"]))
        if offered.get("tiers"):
            told = offered["tiers"]
            waits = [tier[member] for tier in told for member in ("retry_after_us", "next_unit_us")] + [tier["full_at_us"] - offered["now_us"] for tier in told]
            self.due = [offered["wait_us"] or 0, *filter(None, waits)] or [SECOND]
        return None

    def lockout(self, at):
        dice, name, kind = self.dice, self.name(), self.dice.random()
        whom = {"identifier": dice.choice(("ada", "bob"))} | ({"device": "cookie"} if dice.random() < 0.2 else {})
        if kind < 0.5:
            offered = self.begin(at, None, name, **whom)
            if "retry_after" in offered:
                self.due = [offered["retry_after"]]
            elif "n" in offered:
                self.attempts.append(name)
        elif kind < 0.6:
            self.step("lockout.status", at, None, policy="login", **whom)
        elif kind < 0.65:
            self.unlock(at, policy="login", **whom)
        elif self.attempts:
            attempt = dice.choice(self.attempts[-3:])
            if dice.random() < 0.5:
                self.settle(attempt, at, dice.random() < 0.3)
            else:
                self.abandon(attempt, at)


def main(runner: str, count: int = 1000, seed: int = 1, store: str = "memory", keep: str = "") -> int:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(keep or folder)
        vector_file.VECTORS = folder
        file = VectorFile("walks.json", {})
        each = 20 if store == "memory" else 1
        for place in range(max(count // each, 1)):
            where = "memory:" if store == "memory" else f"sqlite:{folder}/{seed}-{place}.db"
            group = file.group("limits.sequence", policy=document(dice, where), seed=SEED)
            for number in range(min(each, count - each * place)):
                Walk(group, f"seed {seed}, group {place}, walk {number}", dice, dice.random() < 0.3).go(dice.randint(5, 60))
            group.tests = [test for test in group.tests if test["steps"]]
        file.path = folder / "walks.json"
        file.write()
        steps = [step for group in file.groups for test in group.tests for step in test["steps"]]
        told = Counter(f"{step['op']} {step.get('code') or ('denied' if step.get('expect', {}).get('allowed') is False else 'valid')}" for step in steps)
        print(json.dumps(dict(sorted(told.items())), indent=1))
        print(f"{sum(len(group.tests) for group in file.groups)} walks, {len(steps)} steps")
        return subprocess.run([*runner.split(), str(folder), str(folder / "report")], check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    numbers, words = [word for word in sys.argv[2:] if word.isdigit()], [word for word in sys.argv[2:] if not word.isdigit()]
    raise SystemExit(main(sys.argv[1], *map(int, numbers), **({"store": words[0]} if words else {}), **({"keep": words[1]} if len(words) > 1 else {})))
