"""The report of a farm, from docs/report.md: the figures of a batch from what its days tell.

A day is a mapping of fields in g, ml, cm², minor units and heads; what it does not tell is not there. Weights at the start and at the end are
whole g in all that is asked, so that nothing is rounded.
"""

from fractions import Fraction

import kpi

MOVES = ("placed", "moved_in", "dead", "culled", "moved_out", "sold")


def figures(days: dict[int, dict], kind: str = "broiler", weekly: bool = False) -> dict[str, dict]:
    """By id. `weekly` days are the last of their weeks."""
    batch = Batch(days, kind, weekly)
    asked = [*batch.animals(), *batch.by_day(), *batch.growth(), *batch.feed(), *batch.eggs()]
    found = {}
    for method, args in asked:
        found[method] = kpi.evaluate(method, args)
    return found


class Batch:
    def __init__(self, days: dict[int, dict], kind: str, weekly: bool):
        self.days, self.kind, self.weekly = dict(sorted(days.items())), kind, weekly
        self.first, self.last = min(days), max(days)
        self.weighings = {at: sorted(day["weights_g"]) for at, day in self.days.items() if day.get("weights_g")}
        follow = sum(at + 1 in self.days for at in self.days)
        self.daily = not weekly and len(self.days) > 2 and 2 * follow >= len(self.days) - 1
        self.present = list(self.counts())

    def sum(self, field: str) -> int:
        return sum(day.get(field, 0) for day in self.days.values())

    def tells(self, field: str) -> bool:
        return any(field in day for day in self.days.values())

    def on(self, at: int) -> dict:
        """A day, or all that a week tells."""
        if not self.weekly:
            return self.days.get(at, {})
        return self.days.get(at + 7, {})

    def counts(self):
        """Day by day: who is there at its start and at its end, and who came. Of a week both count for each of its days."""
        present = 0
        for at in range(0, self.last, 7) if self.weekly else range(self.first, self.last + 1):
            day = self.on(at)
            start, came = present + day.get("placed", 0), day.get("moved_in", 0)
            present = start + came - sum(day.get(field, 0) for field in ("dead", "culled", "moved_out", "sold"))
            yield from [(at, start, present, came)] * (7 if self.weekly else 1)

    def left(self) -> int:
        return self.present[-1][2]

    def animals(self):
        told = {field: self.sum(field) for field in MOVES[:5]}
        for figure in ("survival.v1", "mortality.v1", "cull.v1", "loss.v1"):
            yield figure, told
        if told["moved_out"]:
            yield "survival.at_risk.v1", told
        if self.sum("sold") and 100 * self.left() <= told["placed"] + told["moved_in"]:
            yield "inventory.v1", told | {"sold": self.sum("sold"), "left": 0}

    def head_days(self) -> float:
        return float(sum(Fraction(start + end, 2) for _, start, end, _ in self.present))

    def by_day(self):
        if self.daily:
            column = {field: [self.on(at).get(field, 0) for at in range(self.first, self.last + 1)] for field in MOVES}
            out = [sold + moved for sold, moved in zip(column["sold"], column["moved_out"], strict=True)]
            yield "mortality.first_week.v1", {"placed": self.sum("placed"), "daily_dead": column["dead"]}
            lists = {"daily_dead": column["dead"], "daily_culled": column["culled"], "daily_out": out, "daily_in": column["moved_in"]}
            yield "mortality.cumulative_daily.v1", {"placed": self.sum("placed")} | lists
        yield "head_days.daily_mean.v1", {"daily": [[start, end, came] for _, start, end, came in self.present]}
        yield "mortality.per_1000_head_weeks.v1", {"dead": self.sum("dead"), "head_days": self.head_days()}

    def mean(self, at: int) -> Fraction:
        """On a day between weighings by the straight line."""
        known = {day: Fraction(sum(weights), len(weights)) for day, weights in self.weighings.items()}
        before = max((day for day in known if day <= at), default=min(known))
        after = min((day for day in known if day >= at), default=max(known))
        if before == after:
            return known[before]
        return known[before] + (known[after] - known[before]) * Fraction(at - before, after - before)

    def started(self) -> int | None:
        """What those placed weighed, where they were weighed on the first day."""
        if self.first not in self.weighings or (self.weekly and self.first > 0):
            return None
        return whole(self.mean(self.first) * self.sum("placed"))

    def sold_each(self) -> tuple[int, float] | None:
        sold, weight = self.sum("sold"), self.sum("live_weight_out_g")
        if not sold or not weight:
            return None
        return whole(Fraction(weight, sold)), float(sum(at * day.get("sold", 0) for at, day in self.days.items())) / float(sold)

    def end(self) -> tuple[int, float] | None:
        last = (whole(self.mean(max(self.weighings))), float(max(self.weighings))) if self.weighings else None
        return self.sold_each() or last

    def growth(self):
        if end := self.end():
            weight, age = end
            if self.kind != "fish":
                yield "adg.from_zero.v1", {"weight_g": weight, "age_days": age}
            if self.weighings and min(self.weighings) < age:
                start = {"weight_start_g": whole(self.mean(min(self.weighings))), "weight_end_g": weight, "days": age - min(self.weighings)}
                yield "adg.net.v1", start
                if self.kind == "fish":
                    yield "sgr.v1", start
        if self.kind == "pig" and self.started() is not None and self.sum("live_weight_out_g"):
            weights = {"weight_in_g": self.started(), "weight_sold_g": self.sum("live_weight_out_g")}
            yield "adg.group.v1", weights | {"head_days": self.head_days()}
        if self.weighings:
            last = self.weighings[max(self.weighings)]
            for figure in ("cv.v1", "uniformity.score.v1", "uniformity.band.v1"):
                yield figure, {"weights": last}
        area = max((day.get("area_cm2", 0) for day in self.days.values()), default=0)
        there = [self.each(at) * (start + came) for at, start, _, came in self.present if self.each(at) is not None]
        if area and there:
            yield "density.v1", {"live_weight_g": whole(max(there)), "area_cm2": area}

    def each(self, at: int) -> Fraction | None:
        """What an animal weighed on a day of which that is known: of a load, or of a weighing."""
        day = self.on(at)
        if day.get("sold") and day.get("live_weight_out_g"):
            return Fraction(day["live_weight_out_g"], day["sold"])
        return Fraction(sum(day["weights_g"]), len(day["weights_g"])) if day.get("weights_g") else None

    def feed(self):
        if not self.tells("feed_g"):
            return
        feed, sold, eggs = self.sum("feed_g") - self.sum("feed_left_g"), self.sum("live_weight_out_g"), self.sum("eggs")
        yield "adfi.v1", {"feed_g": feed, "head_days": self.head_days()}
        if self.tells("water_ml"):
            yield "water_feed.v1", {"water_ml": self.sum("water_ml"), "feed_g": feed}
        if sold and not eggs and self.kind != "layer":
            conversion = {"feed_g": feed, "live_weight_out_g": sold}
            yield "fcr.live_weight.v1", conversion
            if self.started() is not None:
                yield "fcr.closeout.v1", {"feed_g": feed, "weight_started_g": self.started(), "weight_sold_g": sold}
            if self.kind == "broiler":
                yield from self.european({"method": "fcr.live_weight.v1", "args": conversion})
        if self.kind == "fish" and self.started() is not None:
            dead = sum((day.get("dead", 0) + day.get("culled", 0)) * self.mean(at) for at, day in self.days.items())
            out = sold + self.left() * self.mean(max(self.weighings))
            yield "fcr.biological.v1", {"feed_g": feed, "biomass_in_g": self.started(), "biomass_out_g": whole(out), "biomass_dead_g": whole(dead)}
        if self.tells("cost_minor") and (eggs or sold):
            yield "feed_cost.v1", {"cost_minor": self.sum("cost_minor")} | ({"eggs": eggs} if eggs else {"weight_g": sold})

    def european(self, fcr: dict):
        survival = kpi.evaluate("survival.v1", {field: self.sum(field) for field in MOVES[:5]})["value"]
        weight, age = self.sold_each()
        yield "epef.v1", {"survival": survival, "weight_g": weight, "age_days": age, "fcr": fcr}
        gain = kpi.evaluate("adg.from_zero.v1", {"weight_g": weight, "age_days": age})["value"]
        yield "ebi.v1", {"adg_g": gain, "survival": survival, "fcr": fcr}

    def eggs(self):
        eggs, placed = self.sum("eggs"), self.sum("placed")
        feed = self.sum("feed_g") - self.sum("feed_left_g")
        if self.tells("eggs"):
            yield "hen_day.v1", {"eggs": eggs, "hen_days": self.head_days()}
            yield "hen_housed.v1", {"eggs": eggs, "housed": placed, "days": len(self.present)}
            yield "eggs_per_hen_housed.v1", {"eggs": eggs, "housed": placed}
            if self.tells("feed_g"):
                yield "feed_per_dozen.v1", {"feed_g": feed, "eggs": eggs}
        if self.tells("egg_mass_g"):
            yield "egg_mass_per_hen_day.v1", {"egg_mass_g": self.sum("egg_mass_g"), "hen_days": self.head_days()}
            if self.tells("feed_g"):
                yield "fcr.egg_mass.v1", {"feed_g": feed, "egg_mass_g": self.sum("egg_mass_g")}


def whole(number: Fraction) -> int:
    assert number.denominator == 1, number
    return int(number)
