"""The five ways of counting, in exact fractions. limits.md A4.1 to A4.4.

A state is what a store keeps of one tier of one subject; None is a subject that nobody has seen. Each way says what a state is at an
instant (`at`: the clock rule), how long a cost has to wait (`wait`), what is left of it (`remaining`, `full_at`), and what taking and giving
back make of it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil, floor

from idempotency import Silent, duration

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# Of a bucket that nothing was ever taken of: before all instants.
NEVER = Fraction(-(1 << 100))


def tier(document: dict):
    kinds = {
        "token_bucket": TokenBucket, "sliding_log": SlidingLog, "sliding_window": SlidingWindow, "calendar": Calendar, "concurrent": Concurrent,
    }  # fmt: skip
    return kinds[document.get("algo", "token_bucket")](document)


class Tier:
    def __init__(self, document: dict):
        self.document = document
        self.id, self.algo, self.limit = document["id"], document.get("algo", "token_bucket"), document["limit"]
        self.burst = document.get("burst", self.limit)
        if "period" in document:
            self.length = duration(document["period"])

    def period(self, now: int) -> int:
        return self.length

    def settings(self) -> tuple:
        """What an edit changes, however it is written."""
        own = (self.document.get(name) for name in ("period", "unit", "lease_ttl"))
        return self.algo, self.limit, self.burst, *map(str, own), self.document.get("tz_offset_min", 0)

    def next_unit(self, state, now: int) -> int:
        left = self.remaining(state, now)
        return 0 if left == self.burst else self.wait(state, now, left + 1)


class TokenBucket(Tier):
    """State: (tat, the limit it was computed with)."""

    def __init__(self, document: dict):
        super().__init__(document)
        self.unit = Fraction(self.length, self.limit)
        self.tolerance = self.burst * self.unit

    def at(self, state, now: int, reserve: int = 0):
        """(the state now, whether the clock rule changed it)."""
        if state is None:
            return NEVER, False
        tat, limit = state
        if limit != self.limit:
            tat = Fraction(ceil(tat))
        bound = now + self.tolerance + reserve
        return (bound, True) if tat > bound else (tat, False)

    def stored(self, tat):
        return tat, self.limit

    def wait(self, tat, now: int, cost: int) -> int:
        return max(0, ceil(max(tat, now) + cost * self.unit - self.tolerance) - now)

    def take(self, tat, now: int, cost: int, name):
        tat = max(tat, now) + cost * self.unit
        return tat, (tat, self.limit)

    def remaining(self, tat, now: int) -> int:
        return min(self.burst, max(0, floor((now + self.tolerance - tat) / self.unit)))

    def full_at(self, tat, now: int) -> int:
        return max(now, ceil(tat))

    def give(self, tat, now: int, units: int, taken):
        permit, limit = taken
        if limit != self.limit and permit.denominator != 1:
            raise Silent("a fraction of another limit")
        return tat - max(0, min(units * self.unit, tat - now, permit - now))


class SlidingLog(Tier):
    """State: the stamp of each unit in order, and whether the clock rule moved it."""

    def at(self, state, now: int, reserve: int = 0):
        state = state or ()
        here = ((min(stamp, now), moved or stamp > now) for stamp, moved in state)
        return tuple(unit for unit in here if unit[0] > now - self.length), any(stamp > now for stamp, _ in state)

    def stored(self, state):
        return state

    def wait(self, state, now: int, cost: int) -> int:
        over = len(state) + cost - self.limit
        return state[over - 1][0] + self.length - now if over > 0 else 0

    def take(self, state, now: int, cost: int, name):
        return state + ((now, False),) * cost, now

    def remaining(self, state, now: int) -> int:
        return max(0, self.limit - len(state))

    def full_at(self, state, now: int) -> int:
        return state[-1][0] + self.length if state else now

    def give(self, state, now: int, units: int, taken):
        if any(moved for _, moved in state):
            raise Silent("whether a stamp that the clock moved is still the permit's own")
        own = [unit for unit in state if unit[0] == taken][units:]
        return tuple(sorted([unit for unit in state if unit[0] != taken] + own))


@dataclass(frozen=True)
class Counts:
    start: int
    length: int
    now: int
    before: int = 0
    moved: bool = False


class SlidingWindow(Tier):
    def at(self, state, now: int, reserve: int = 0):
        start = now - now % self.length
        if state is None:
            return Counts(start, self.length, 0), False
        if state.length != self.length and (state.start % self.length or state.length % self.length == 0):
            raise Silent("what a window of another length is worth")
        if state.start > start:
            return Counts(start, self.length, state.now, state.before, True), True
        if state.start == start:
            return Counts(start, self.length, state.now, state.before, state.moved), False
        if state.start == start - self.length:
            return Counts(start, self.length, 0, state.now, state.moved), False
        return Counts(start, self.length, 0), False

    def stored(self, state):
        return state

    def fits(self, state, now: int, cost: int) -> bool:
        state, _ = self.at(state, now)
        left = self.limit - state.now - cost
        return left >= 0 and min(state.before, self.limit) * (self.length - now % self.length) <= left * self.length

    def wait(self, state, now: int, cost: int) -> int:
        """The earliest instant that fits. In a window it only gets easier, so it is searched for by halves."""
        for window in range(3):
            first = max(now, state.start + window * self.length)
            last = state.start + (window + 1) * self.length - 1
            if not self.fits(state, last, cost):
                continue
            while first < last:
                middle = (first + last) // 2
                first, last = (first, middle) if self.fits(state, middle, cost) else (middle + 1, last)
            return first - now
        raise AssertionError("two windows later nothing is left of any")

    def take(self, state, now: int, cost: int, name):
        return Counts(state.start, state.length, state.now + cost, state.before, state.moved), state.start

    def remaining(self, state, now: int) -> int:
        fitting = (cost for cost in range(self.limit, 0, -1) if self.fits(state, now, cost))
        if self.limit <= 64:
            return next(fitting, 0)
        low, high = 0, self.limit
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.fits(state, now, middle) else (low, middle - 1)
        return low

    def full_at(self, state, now: int) -> int:
        return state.start + 2 * self.length if state.now else state.start + self.length if state.before else now

    def give(self, state, now: int, units: int, taken):
        if state.moved:
            raise Silent("which window a permit was taken in after the clock moved it")
        if taken == state.start:
            return Counts(state.start, state.length, max(0, state.now - units), state.before)
        if taken == state.start - self.length:
            return Counts(state.start, state.length, state.now, max(0, state.before - units))
        return state


class Calendar(Tier):
    def __init__(self, document: dict):
        super().__init__(document)
        self.unit = document["unit"]
        self.offset = timedelta(minutes=document.get("tz_offset_min", 0))

    def bounds(self, now: int) -> tuple[int, int]:
        local = EPOCH + timedelta(microseconds=now) + self.offset
        if self.unit == "hour":
            start = local.replace(minute=0, second=0, microsecond=0)
            end = start + timedelta(hours=1)
        elif self.unit == "day":
            start = local.replace(hour=0, minute=0, second=0, microsecond=0)
            end = start + timedelta(days=1)
        else:
            start = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
            end = (start + timedelta(days=32)).replace(day=1)
        return tuple((instant - self.offset - EPOCH) // MICROSECOND for instant in (start, end))

    def period(self, now: int) -> int:
        start, end = self.bounds(now)
        return end - start

    def at(self, state, now: int, reserve: int = 0):
        start, end = self.bounds(now)
        if state is None or state.start < start:
            return Counts(start, end, 0), False
        if state.start > start:
            return Counts(start, end, state.now, moved=True), True
        return Counts(start, end, state.now, moved=state.moved), False

    def stored(self, state):
        return state

    def wait(self, state, now: int, cost: int) -> int:
        return 0 if state.now + cost <= self.limit else self.bounds(now)[1] - now

    def take(self, state, now: int, cost: int, name):
        return Counts(state.start, state.length, state.now + cost, moved=state.moved), state.start

    def remaining(self, state, now: int) -> int:
        return max(0, self.limit - state.now)

    def full_at(self, state, now: int) -> int:
        return self.bounds(now)[1] if state.now else now

    def give(self, state, now: int, units: int, taken):
        if state.moved:
            raise Silent("which unit a permit was taken in after the clock moved it")
        return Counts(state.start, state.length, max(0, state.now - units)) if taken == state.start else state


class Concurrent(Tier):
    """State: (end, units, permit), the first to end first."""

    def __init__(self, document: dict):
        super().__init__(document)
        self.ttl = duration(document["lease_ttl"])

    def period(self, now: int) -> int:
        return 0

    def at(self, state, now: int, reserve: int = 0):
        state = state or ()
        moved = any(end > now + self.ttl for end, _, _ in state)
        return tuple(sorted((min(end, now + self.ttl), units, name) for end, units, name in state if end > now)), moved

    def stored(self, state):
        return state

    def wait(self, state, now: int, cost: int) -> int:
        for instant in (now, *(end for end, _, _ in state)):
            if sum(units for end, units, _ in state if end > instant) + cost <= self.limit:
                return instant - now
        raise AssertionError("all leases end")

    def take(self, state, now: int, cost: int, name):
        return tuple(sorted((*state, (now + self.ttl, cost, name)))), name

    def remaining(self, state, now: int) -> int:
        return max(0, self.limit - sum(units for _, units, _ in state))

    def full_at(self, state, now: int) -> int:
        return max((end for end, _, _ in state), default=now)

    def give(self, state, now: int, units: int, taken):
        less = ((end, held - units if name == taken else held, name) for end, held, name in state)
        return tuple(lease for lease in less if lease[1] > 0)
