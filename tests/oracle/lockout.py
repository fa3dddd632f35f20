"""The state machine of lockouts. limits.md A5."""

from dataclasses import dataclass, replace

from idempotency import Silent, duration
from wire import Refused

HOUR = 3600 * 1_000_000
DEFAULTS = {"threshold": 10, "window": "24h", "duration": "1h", "multiplier": 1}


@dataclass(frozen=True)
class Entry:
    gen: int
    window_start: int
    fails: int = 0
    locked_until: int = 0
    level: int = 0
    expires: int = 0


class Policy:
    def __init__(self, document: dict):
        settings = {**DEFAULTS, **document}
        self.threshold, self.multiplier = settings["threshold"], settings["multiplier"]
        self.window, self.duration = duration(settings["window"]), duration(settings["duration"])

    def lock(self, level: int) -> int:
        return self.duration if self.multiplier == 1 else min(self.duration * self.multiplier**level, max(24 * HOUR, self.duration))

    def clamped(self, entry: Entry, now: int) -> Entry:
        return replace(entry, window_start=min(entry.window_start, now), locked_until=min(entry.locked_until, now + self.lock(entry.level)))

    def kept(self, entry: Entry) -> Entry:
        """The record lives 24 h longer than window and lock; ends that slide are rounded up to the hour (architecture.md section 9)."""
        end = max(entry.window_start + self.window, entry.locked_until) + 24 * HOUR
        return replace(entry, expires=-(-end // HOUR) * HOUR)

    def begin(self, entry: Entry | None, now: int):
        """(the entry after it, the refusal)."""
        entry = self.clamped(entry, now) if entry else Entry(gen=now, window_start=now)
        if now < entry.locked_until:
            return entry, Refused("locked", retry_after=entry.locked_until - now)
        if now >= entry.window_start + self.window or entry.locked_until:
            entry = replace(entry, fails=0, locked_until=0, gen=entry.gen + 1)
        if entry.fails == 0:
            entry = replace(entry, window_start=now)
        entry = replace(entry, fails=entry.fails + 1)
        if entry.fails > self.threshold:
            raise Silent("more failures than a lowered threshold")
        if entry.fails == self.threshold:
            entry = replace(entry, locked_until=now + self.lock(entry.level), level=entry.level + 1)
        return entry, None

    def success(self, entry: Entry, gen: int, now: int) -> Entry | None:
        if entry.gen != gen:
            return None
        return replace(self.clamped(entry, now), fails=0, locked_until=0, gen=entry.gen + 1)

    def abandon(self, entry: Entry, gen: int, now: int) -> Entry | None:
        if entry.gen != gen or entry.fails == 0:
            return None
        entry = self.clamped(entry, now)
        entry = replace(entry, fails=entry.fails - 1)
        if entry.locked_until and entry.locked_until <= now:
            raise Silent("an attempt that is abandoned after its lock")
        if entry.locked_until and entry.fails < self.threshold:
            entry = replace(entry, locked_until=0, level=entry.level - 1)
        return entry

    def unlock(self, entry: Entry, now: int) -> Entry:
        return replace(self.clamped(entry, now), fails=0, locked_until=0, level=0, gen=max(entry.gen + 1, now))

    def status(self, entry: Entry | None, now: int) -> dict:
        entry = self.clamped(entry, now) if entry else Entry(gen=now, window_start=now)
        # Until a lock has ended nothing is reset, whatever its window.
        over = now >= entry.locked_until and (entry.locked_until or now >= entry.window_start + self.window)
        return {
            "fails": 0 if over else entry.fails,
            "threshold": self.threshold,
            "locked_until": entry.locked_until if now < entry.locked_until else None,
            "level": entry.level,
            "now": now,
        }
