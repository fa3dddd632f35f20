"""`limits.sequence`: every state of an account with every event. limits.md A5."""

from itertools import product

from meters import SEED, Metered, policy
from vector_file import VectorFile

NOTES = {
    "Charge": "charged before the password is checked: the attempt that reaches the threshold locks (limits.md A5)",
    "Lock": "no extension while locked, and the lock ends at its instant (A5)",
    "Window": "failures are counted in the observation window (A5)",
    "Success": "a success forgives, and unlocks what the last attempt locked (A5)",
    "Abandon": "an abandoned attempt takes its charge and its lock back, once (A5)",
    "Old": "an attempt of an older generation changes nothing (A5)",
    "Unlock": "unlock forgives all and keeps the record (A5)",
    "Doubles": "multiplier 2: each lock lasts twice as long, up to 24 h (A5)",
    "Clock": "under a clock that steps back a lock ends at most its length from now (A5)",
    "Kept": "the record lives 24 h longer than window and lock, rounded up to the hour",
    "Device": "a known device is counted by itself (A5)",
    "Identifier": "NFKC, trim, lower-case; empty or over 320 bytes is subject_invalid (A5)",
}
HOUR = 3600


def group_of(file, **members):
    return file.group("limits.sequence", policy=policy(lockout={"policies": [{"id": "login", "subject": "email", **members}]}), seed=SEED)


def fail(s, count: int, at=0, **more):
    for place in range(count):
        s.begin((at, place), save=f"f{place}", **more)
        s.settle(f"f{place}", (at, place), False)


def build():
    file = VectorFile("limits/lockout.json", NOTES)
    for threshold in (1, 2, 3, 10):
        group = group_of(file, threshold=threshold)
        counting(group, threshold)
        walks(group, threshold)
    windows(file)
    doubles(file)
    rest(file)
    return [file]


def counting(group, threshold: int):
    with Metered(group, f"{threshold} of 50 at one instant", "Charge") as s:
        for place in range(50):
            s.begin(0, "valid" if place < threshold else "locked", f"a{place}")
        s.status(0)
    with Metered(group, f"threshold {threshold}: the lock to its last microsecond", "Lock") as s:
        fail(s, threshold)
        end = HOUR
        for at in (1, 10, HOUR // 2):
            s.begin(at, "locked")
        s.begin((end, threshold - 2), "locked")
        s.status((end, threshold - 2))
        s.status((end, threshold - 1))
        s.begin((end, threshold - 1))
        s.status((end, threshold - 1))
    for before in range(threshold):
        with Metered(group, f"threshold {threshold}: {before} failures, then a success", "Success") as s:
            fail(s, before)
            s.begin(10, save="a")
            s.settle("a", 11, True)
            s.status(11)
            fail(s, threshold, 20)
            s.begin(21, "locked")
        with Metered(group, f"threshold {threshold}: {before} failures, then abandoned", "Abandon") as s:
            fail(s, before)
            s.begin(10, save="a")
            s.abandon("a", 11)
            s.status(11)
            s.abandon("a", 12)
            s.status(12)
            s.begin(13)
            s.status(13)


def walks(group, threshold: int):
    """Two attempts under way, and what comes of each in either order, after what."""
    acts = {
        "succeeds": lambda s, who, at: s.settle(who, at, True),
        "fails": lambda s, who, at: s.settle(who, at, False),
        "is abandoned": lambda s, who, at: s.abandon(who, at),
    }
    between = {"": None, ", unlocked between": lambda s: s.unlock(30)}
    flags = {"succeeds": "Success", "fails": "Charge", "is abandoned": "Abandon"}
    for (first, act), (second, other), (said, middle) in product(acts.items(), acts.items(), between.items()):
        if threshold == 1 and second:
            who = ("a", "a")
        else:
            who = ("a", "b")
        for order in (who, who[::-1]):
            if order == who[::-1] and who[0] == who[1]:
                continue
            marks = sorted({flags[first], flags[second], "Old", *(["Unlock"] if middle else [])})
            with Metered(group, f"threshold {threshold}: {order[0]} {first}{said}, {order[1]} {second}", *marks) as s:
                fail(s, max(0, threshold - 2))
                s.begin(10, save="a")
                s.begin(11, "valid" if threshold > 1 else "locked", save="b" if threshold > 1 else None)
                act(s, order[0], 20)
                s.status(20)
                if middle:
                    middle(s)
                    s.status(30)
                other(s, order[1], 40)
                s.status(40)
                s.begin(50, None)
                s.status(50)


def windows(file):
    for window, seconds in (("1h", HOUR), ("24h", 24 * HOUR), ("7d", 168 * HOUR)):
        group = group_of(file, threshold=3, window=window)
        with Metered(group, f"a window of {window}", "Window") as s:
            s.begin(0)
            s.begin(10)
            s.status((seconds, -1))
            s.status(seconds)
            s.begin(seconds)
            s.status(seconds)
            s.begin(seconds + 10)
            s.begin(seconds + 20)
            s.begin(seconds + 30, "locked")
        with Metered(group, f"a window of {window}, to its last microsecond", "Window", "Charge") as s:
            s.begin(0)
            s.begin(10)
            s.begin((seconds, -1), save="a")
            s.begin((seconds, -1), "locked")
            s.status(seconds)
        with Metered(group, f"a window of {window}: an attempt of the one before", "Window", "Old") as s:
            s.begin(0, save="a")
            s.begin(seconds)
            s.settle("a", seconds, True)
            s.abandon("a", seconds)
            s.status(seconds)
    group = group_of(file, threshold=1, window="1h", duration="36h")
    with Metered(group, "a lock that outlasts its window", "Lock", "Window") as s:
        s.begin(0)
        s.begin(2 * HOUR, "locked")
        s.status(2 * HOUR)
        s.begin((36 * HOUR, -1), "locked")
        s.begin(36 * HOUR)


def doubles(file):
    for multiplier, duration in ((1, "1h"), (2, "1h"), (2, "15m"), (2, "13h"), (2, "24h")):
        group = group_of(file, threshold=1, multiplier=multiplier, duration=duration)
        with Metered(group, f"locks of {duration}, times {multiplier}", "Doubles") as s:
            at = 0
            for _ in range(9):
                s.begin((0, at))
                offered = s.begin((0, at), "locked")
                at += offered["retry_after"]
                s.begin((0, at - 1), "locked")
                s.status((0, at))
            s.unlock((0, at))
            s.begin((0, at))
            s.begin((0, at), "locked")
        with Metered(group, f"locks of {duration}, times {multiplier}: an abandoned one counts for none", "Doubles", "Abandon") as s:
            s.begin(0, save="a")
            s.abandon("a", 1)
            s.begin(2)
            s.begin(2, "locked")


def rest(file):
    group = group_of(file, threshold=2, multiplier=2)
    for step in (1, HOUR, 24 * HOUR, 400 * 24 * HOUR):
        with Metered(group, f"back by {step} s under a lock", "Clock") as s:
            fail(s, 2)
            offered = s.begin(-step, "locked")
            s.begin(-step, "locked")
            s.begin((-step, offered["retry_after"] - 1), "locked")
            s.begin((-step, offered["retry_after"]))
            s.status((-step, offered["retry_after"]))
        with Metered(group, f"back by {step} s in a window", "Clock", "Window") as s:
            s.begin(0)
            s.begin(-step)
            s.status(-step)
            s.begin(-step, "locked")
    with Metered(group, "forgotten with its level", "Kept", "Doubles") as s:
        fail(s, 2)
        s.status(48 * HOUR - 1)
        s.status(48 * HOUR)
        s.begin(48 * HOUR)
    with Metered(group, "kept: the next lock is longer", "Kept", "Doubles") as s:
        fail(s, 2)
        fail(s, 2, 48 * HOUR - 10)
        s.begin(48 * HOUR - 5, "locked")
    with Metered(group, "devices", "Device") as s:
        fail(s, 2)
        s.begin(1, "locked")
        fail(s, 2, 2, device="cookie-1")
        s.begin(3, "locked", device="cookie-1")
        s.begin(3, device="cookie-2", save="a")
        s.settle("a", 3, True)
        s.status(4, device="cookie-1")
        s.unlock(5, device="cookie-1")
        s.begin(6, device="cookie-1")
        s.begin(6, "locked")
    for text in ("ada@example.com", " ADA@example.com", "\uff41da@example.com"):
        with Metered(group, f"{text!r} is the same account", "Identifier") as s:
            fail(s, 2)
            s.begin(1, "locked", identifier=text)
            s.begin(1, identifier="bob@example.com")
            s.unlock(2, identifier=text)
            s.status(2)
    for text in ("", "  ", "a" * 321):
        with Metered(group, f"no identifier {text[:10]!r}", "Identifier") as s:
            s.begin(0, "subject_invalid", identifier=text)
            s.step("lockout.unlock", 0, "subject_invalid", policy="login", identifier=text)
            s.step("lockout.status", 0, "subject_invalid", policy="login", identifier=text)
    with Metered(group, "unlocked where nothing is", "Unlock") as s:
        s.unlock(0)
        s.status(0)
        fail(s, 2)
        s.begin(1, "locked")
    group = group_of(file, threshold=3)
    for step in (1, HOUR, 5 * HOUR):
        with Metered(group, f"back by {step} s: the window ends a day after the step", "Clock", "Window") as s:
            s.begin(0)
            s.begin(-step)
            s.status(24 * HOUR - step - 1)
            s.status(24 * HOUR - step)
            s.begin(24 * HOUR - step)
            s.status(24 * HOUR)
