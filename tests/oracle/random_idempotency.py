"""`random_idempotency.py RUNNER [COUNT [SEED]]`: random walks of several workers, told by the oracle and run by a conformance runner.

Nothing of it is committed: it looks for disagreements that nobody thought of. What the page does not say is not asked.
"""

import json
import random
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import vector_file
from idempotency import Silent
from operations import BODY, OTHER, POLICY, SEED, Operation, route, to
from vector_file import VectorFile

STATUSES = (200, 201, 204, 302, 400, 401, 404, 409, 422, 425, 429, 500, 502, 503, 599)
KEYS = ("order-0001", '"order-0001"', "order-0002")
BODIES = ("made", "", "x" * 40)


def policy(dice: random.Random) -> dict:
    settings = lambda: {
        "effects": "explicit" if dice.random() < 0.4 else "implicit",
        "retention": dice.choice(("5m", "1h", "24h")),
    }
    routed = settings()
    if routed["effects"] == "implicit":
        routed |= {"on_5xx": dice.choice(("release", "store")), "on_crash": dice.choice(("rerun", "hold"))}
    part = {**settings(), "lease": dice.choice(("1s", "30s", "90s", "5m")), "max_stored_body": dice.choice(("16B", "256KiB")), "routes": [route("/routed", **routed)]}
    return {**POLICY, "idempotency": part}


class Workers(Operation):
    """A walk. Guards outlive a change of the policy: settings are those of now."""

    def __init__(self, group, comment: str, dice: random.Random):
        super().__init__(group, comment)
        self.dice, self.at, self.guards, self.count = dice, 0, [], 0

    def go(self, steps: int):
        for _ in range(steps):
            self.at = self.moved()
            try:
                self.one()
            except Silent:
                continue

    def moved(self) -> int:
        """Microseconds since the beginning: mostly on, to and over the ends of leases, at times back."""
        lease = {"1s": 1, "30s": 30, "90s": 90, "5m": 300}[self.run.gate.policy["lease"]] * 1_000_000
        step = self.dice.choice((0, 1, 1000, 999_999, 1_000_000, lease - 1, lease, lease + 1, lease // 3, lease // 2, -1, -lease, 10 * lease, 86_400_000_000))
        weight = 0.02 if abs(step) > 20 * lease else 0.15 if step < 0 else 1
        return self.at + step if self.dice.random() < weight else self.at

    def one(self):
        at, dice = (0, self.at), self.dice
        kind = dice.random()
        if kind < 0.01:
            self.step("reopen", at, "valid", policy=policy(dice))
        elif kind < 0.4 or not self.guards:
            self.count += 1
            name = f"g{self.count}"
            body = BODY if dice.random() < 0.9 else OTHER
            self.begin(at, None, name, body=body, key=dice.choice(KEYS), scope=to(dice.choice(("/routed", "/orders"))))
            if self.steps[-1]["result"] == "valid" and self.steps[-1]["expect"]["outcome"] != "replay":
                self.guards.append(name)
        else:
            # Old guards too: they are the stale ones.
            self.act(at, self.guards[-1] if dice.random() < 0.6 else dice.choice(self.guards))

    def act(self, at, guard: str):
        dice = self.dice
        act = dice.choice(("mark", "checkpoint", "renew", "release", "complete", "complete"))
        if act == "complete":
            finish = {"finish_as": dice.choice(("store", "release"))} if dice.random() < 0.15 else {}
            self.complete(guard, at, None, dice.choice(STATUSES), dice.choice(BODIES), **finish)
        elif act == "checkpoint":
            self.checkpoint(guard, at, None, name=dice.choice(("reserved", "charged")), data=dice.choice(("", "ch_1")))
        else:
            getattr(self, act)(guard, at, None)


def main(runner: str, count: int = 1000, seed: int = 1) -> int:
    dice = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        vector_file.VECTORS = Path(folder)
        file = VectorFile("walks.json", {})
        for place in range(max(count // 20, 1)):
            group = file.group("idempotency.sequence", policy=policy(dice), seed=SEED)
            for number in range(min(20, count - 20 * place)):
                Workers(group, f"seed {seed}, group {place}, walk {number}", dice).go(dice.randint(5, 40))
        file.path = Path(folder) / "walks.json"
        file.write()
        steps = [step for group in file.groups for test in group.tests for step in test["steps"]]
        told = Counter(f"{step['op']} {step.get('code') or step.get('expect', {}).get('outcome', 'valid')}" for step in steps)
        print(json.dumps(dict(sorted(told.items())), indent=1))
        print(f"{sum(len(group.tests) for group in file.groups)} walks, {len(steps)} steps")
        return subprocess.run([*runner.split(), folder, str(Path(folder) / "report")], check=False).returncode


if __name__ == "__main__":
    if len(sys.argv) < 2:
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1], *map(int, sys.argv[2:])))
