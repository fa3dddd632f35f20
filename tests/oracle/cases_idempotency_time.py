"""`idempotency.sequence`: the ends of leases and retentions to the microsecond, renewals, fences, clocks that go back. idempotency.md B5 and B5b."""

from operations import OTHER, POLICY, SEED, Operation, to
from script import SECOND
from vector_file import VectorFile

NOTES = {
    "Lease": "a lease is live before its end",
    "Retention": "an answer is kept before its end, and in flight the record outlives the lease by the retention",
    "RetryAfter": "what is left of the lease, at most 30 s, rounded up to seconds",
    "Renew": "a lease is renewed at most until 15 minutes after this attempt's begin",
    "Fence": "the fence only grows: the store's clock in microseconds, or one more than before",
    "Clock": "the clock goes back",
    "Late": "the lease is over and nobody came: the worker is still the owner",
}
DAY = 86400


def policy(**members) -> dict:
    return {**POLICY, "idempotency": members}


def build():
    file = VectorFile("idempotency/times.json", NOTES)
    leases(file)
    group = file.group("idempotency.sequence", policy=POLICY, seed=SEED)
    retention(group)
    unknown(group)
    renewals(file, group)
    fences(group)
    clock(group)
    late(group)
    return [file]


def leases(file):
    for lease, micros in (("30s", 30 * SECOND), ("1s", SECOND), ("1500ms", 1_500_000), ("2us", 2), ("1us", 1), ("90s", 90 * SECOND), ("10m", 600 * SECOND)):
        group = file.group("idempotency.sequence", policy=policy(lease=lease), seed=SEED)
        with Operation(group, f"a lease of {lease} to its last microsecond", "Lease", "RetryAfter") as s:
            s.begin(0, "execute", "a")
            s.begin(0, "in_progress")
            s.begin((0, micros - 1), "in_progress")
            s.begin((0, micros), "resume", "b")
            s.begin((0, 2 * micros - 1), "in_progress")
            s.begin((0, 2 * micros), "resume")
        if micros < SECOND:
            continue
        with Operation(group, f"what is left of a lease of {lease}", "RetryAfter") as s:
            s.begin(0, "execute", "a")
            for left in (31 * SECOND, 30 * SECOND + 1, 30 * SECOND, 30 * SECOND - 1, 29 * SECOND, 2 * SECOND, SECOND + 1, SECOND, SECOND - 1, 1):
                if left <= micros:
                    s.begin((0, micros - left), "in_progress")


def retention(group):
    for path, seconds in (("/orders", DAY), ("/week", 7 * DAY), ("/minute", 60)):
        with Operation(group, f"{path}: an answer to its last microsecond", "Retention") as s:
            s.begin(0, "execute", "a", scope=to(path))
            s.complete("a", 10)
            s.begin((10 + seconds, -1), "replay", scope=to(path))
            s.begin(10 + seconds, "execute", "b", scope=to(path))
            s.complete("b", 11 + seconds, body="made again")
            s.begin(12 + seconds, "replay", scope=to(path))
        with Operation(group, f"{path}: a replay does not lengthen it", "Retention") as s:
            s.begin(0, "execute", "a", scope=to(path))
            s.complete("a", 0)
            s.begin(seconds // 2, "replay", scope=to(path))
            s.begin((seconds, -1), "replay", scope=to(path))
            s.begin(seconds, "execute", scope=to(path))
        with Operation(group, f"{path}: in flight the record outlives the lease by the retention", "Retention") as s:
            s.begin(0, "execute", "a", scope=to(path))
            s.checkpoint("a", 1)
            s.begin((30 + seconds, -1), "resume", scope=to(path))
        with Operation(group, f"{path}: in flight and forgotten", "Retention") as s:
            s.begin(0, "execute", "a", scope=to(path))
            s.checkpoint("a", 1)
            s.begin(30 + seconds, "execute", scope=to(path))
        with Operation(group, f"{path}: a worker that wakes up before all is forgotten", "Retention", "Late") as s:
            s.begin(0, "execute", "a", scope=to(path))
            s.complete("a", (30 + seconds, -1))
            s.begin(30 + seconds, "replay", scope=to(path))
            s.begin((30 + 2 * seconds, -2), "replay", scope=to(path))
            s.begin((30 + 2 * seconds, -1), "execute", scope=to(path))
        with Operation(group, f"{path}: a worker that wakes up when all is forgotten", "Retention", "Late") as s:
            s.begin(0, "execute", "a", scope=to(path))
            s.complete("a", 30 + seconds, "stale")
            s.begin(31 + seconds, "execute", scope=to(path))


def unknown(group):
    with Operation(group, "an unknown outcome lasts the retention from the lease's end", "Retention") as s:
        s.begin(0, "execute", "a")
        s.mark("a", 1)
        s.begin(30, "outcome_unknown")
        s.begin((30 + DAY, -1), "outcome_unknown")
        s.begin(30 + DAY, "execute")
    with Operation(group, "a mark and a checkpoint do not lengthen the lease", "Lease") as s:
        s.begin(0, "execute", "a")
        s.checkpoint("a", 20)
        s.mark("a", 25)
        s.checkpoint("a", 29)
        s.begin((30, -1), "in_progress")
        s.begin(30, "resume")
    with Operation(group, "a renewed lease moves the end of the unknown", "Retention", "Renew") as s:
        s.begin(0, "execute", "a")
        s.mark("a", 1)
        s.renew("a", 10)
        s.begin((40, -1), "in_progress")
        s.begin(40, "outcome_unknown")
        s.begin((40 + DAY, -1), "outcome_unknown")
        s.begin(40 + DAY, "execute")
    with Operation(group, "asking does not lengthen the unknown", "Retention") as s:
        s.begin(0, "execute", "a", scope=to("/hold"))
        for at in (30, 3600, DAY):
            s.begin(at, "outcome_unknown", scope=to("/hold"))
        s.begin((30 + DAY, -1), "outcome_unknown", scope=to("/hold"))
        s.begin(30 + DAY, "execute", scope=to("/hold"))


def renewals(file, group):
    with Operation(group, "a lease counts from the renewal", "Renew") as s:
        s.begin(0, "execute", "a")
        s.renew("a", (10, 5))
        s.begin((40, 4), "in_progress")
        s.begin((40, 5), "resume")
    with Operation(group, "renewed at the same instant", "Renew") as s:
        s.begin(0, "execute", "a")
        s.renew("a", 0)
        s.begin((30, -1), "in_progress")
        s.begin(30, "resume")
    with Operation(group, "renewed every 10 s, for 15 minutes and no longer", "Renew") as s:
        s.begin(0, "execute", "a")
        for at in range(10, 900, 80):
            s.renew("a", at)
            s.renew("a", at + 20)
            s.renew("a", at + 40)
            s.renew("a", at + 60)
        s.renew("a", 890)
        s.begin((900, -1), "in_progress")
        s.begin(900, "resume")
    for at in (870, (870, 1), 871, 899, (900, -1)):
        with Operation(group, f"the last renewals: {at}", "Renew") as s:
            s.begin(0, "execute", "a")
            for early in range(25, 870, 25):
                s.renew("a", early)
            s.renew("a", at)
            s.begin((900, -1), "in_progress")
            s.begin(900, "resume")
    with Operation(group, "15 minutes count from the attempt, not from the first one", "Renew") as s:
        s.begin(0, "execute", "a")
        s.begin(600, "resume", "b")
        for at in range(625, 1500, 25):
            s.renew("b", at)
        s.begin((1500, -1), "in_progress")
        s.begin(1500, "resume")
    with Operation(group, "a renewal does not change fence, attempt and checkpoint", "Renew", "Fence") as s:
        s.begin(0, "execute", "a")
        s.checkpoint("a", 1)
        s.renew("a", 20)
        s.begin(50, "resume")
    with Operation(group, "a stale worker renews nothing", "Renew") as s:
        s.begin(0, "execute", "a")
        s.begin(30, "resume", "b")
        s.renew("a", 40, "stale")
        s.begin((60, -1), "in_progress")
        s.begin(60, "resume")
    with Operation(group, "a lease that is over is renewed where nobody came", "Renew", "Late") as s:
        s.begin(0, "execute", "a")
        s.renew("a", 100)
        s.begin((130, -1), "in_progress")
        s.begin(130, "resume")
    five = file.group("idempotency.sequence", policy=policy(lease="5m"), seed=SEED)
    with Operation(five, "a lease of 5 minutes, renewed at 4, 8 and 12", "Renew") as s:
        s.begin(0, "execute", "a")
        for at in (240, 480, 720):
            s.renew("a", at)
        s.begin((900, -1), "in_progress")
        s.begin(900, "resume")


def fences(group):
    with Operation(group, "the fence is the store's clock", "Fence") as s:
        s.begin((0, 123456), "execute")
        s.begin((0, 123457), "execute", key="order-0002")
    with Operation(group, "released and begun at the same instant", "Fence") as s:
        for name in ("a", "b", "c", "d"):
            s.begin(0, "execute", name)
            s.release(name, 0)
        s.begin(0, "execute")
    with Operation(group, "released and begun a microsecond later", "Fence") as s:
        s.begin(0, "execute", "a")
        s.release("a", 0)
        s.begin((0, 1), "execute", "b")
        s.release("b", (0, 1))
        s.begin((0, 3), "execute")
    with Operation(group, "a take-over has the clock of its begin", "Fence") as s:
        s.begin(0, "execute", "a")
        s.begin((30, 7), "resume", "b")
        s.begin((60, 8), "resume", "c")
        s.complete("c", 61)
        s.begin(62, "replay")
    with Operation(group, "released by its status, begun at the same instant", "Fence") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 0, status=503)
        s.begin(0, "execute", "b")
        s.complete("b", 0, status=429)
        s.begin(0, "execute")
    with Operation(group, "another payload after a release: the fence grows on", "Fence") as s:
        s.begin(0, "execute", "a")
        s.release("a", 0)
        s.begin(0, "execute", body=OTHER)


def clock(group):
    with Operation(group, "back under a lease: it lives longer", "Clock", "RetryAfter") as s:
        s.begin(100, "execute", "a")
        s.begin(0, "in_progress")
        s.begin((130, -1), "in_progress")
        s.begin(130, "resume")
    with Operation(group, "back after a release: the fence still grows", "Clock", "Fence") as s:
        s.begin(100, "execute", "a")
        s.release("a", 100)
        s.begin(0, "execute", "b")
        s.release("b", 0)
        s.begin(0, "execute", "c")
        s.release("c", 0)
        s.begin(200, "execute")
    with Operation(group, "back before a take-over", "Clock", "Fence") as s:
        s.begin(100, "execute", "a")
        s.begin(130, "resume", "b")
        s.begin(0, "in_progress")
        s.begin(160, "resume")
    with Operation(group, "back before the completion", "Clock") as s:
        s.begin(100, "execute", "a")
        s.complete("a", 0)
        s.begin(0, "replay")
        s.begin((DAY, -1), "replay")
        s.begin(DAY, "execute")
    with Operation(group, "back a day after the completion", "Clock") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1)
        s.begin(-DAY, "replay")
        s.begin((1 + DAY, -1), "replay")
    with Operation(group, "back before a mark and a checkpoint", "Clock") as s:
        s.begin(100, "execute", "a")
        s.mark("a", 50)
        s.begin(130, "outcome_unknown")
        s.checkpoint("a", 0)
        s.begin(130, "resume")
    with Operation(group, "back a day: a stale worker stays stale", "Clock") as s:
        s.begin(0, "execute", "a")
        s.begin(30, "resume", "b")
        s.mark("a", -DAY, "stale")
        s.complete("a", -DAY, "stale")
        s.complete("b", -DAY)
        s.complete("a", -DAY, "stale")
    with Operation(group, "back before a renewal: it takes nothing away", "Clock", "Renew") as s:
        s.begin(100, "execute", "a")
        s.renew("a", 0)
        s.begin((130, -1), "in_progress")
        s.begin(130, "resume")
    with Operation(group, "forward a year", "Clock") as s:
        s.begin(0, "execute", "a")
        s.begin(365 * DAY, "execute", "b")
        s.complete("a", 365 * DAY, "stale")
        s.complete("b", 365 * DAY)
        s.begin(365 * DAY + 1, "replay")
    with Operation(group, "the first seconds of 1970", "Clock", "Fence") as s:
        s.begin(-1795248000 + 10, "execute", "a")
        s.complete("a", -1795248000 + 11)
        s.begin(-1795248000 + 12, "replay")


def late(group):
    for comment, act, then in (
        ("complete", lambda s: s.complete("a", 40), "replay"),
        ("complete as release", lambda s: s.complete("a", 40, finish_as="release"), "execute"),
        ("release", lambda s: s.release("a", 40), "execute"),
        ("mark", lambda s: s.mark("a", 40), "outcome_unknown"),
        ("checkpoint", lambda s: s.checkpoint("a", 40), "resume"),
        ("renew", lambda s: s.renew("a", 40), "in_progress"),
    ):
        with Operation(group, f"{comment} after the lease", "Late") as s:
            s.begin(0, "execute", "a")
            act(s)
            s.begin(41, then)
    with Operation(group, "an outcome that was unknown becomes known when its worker wakes up", "Late") as s:
        s.begin(0, "execute", "a")
        s.mark("a", 1)
        s.begin(31, "outcome_unknown")
        s.complete("a", 60)
        s.begin(61, "replay")
    with Operation(group, "on hold: the same", "Late") as s:
        s.begin(0, "execute", "a", scope=to("/hold"))
        s.begin(31, "outcome_unknown", scope=to("/hold"))
        s.complete("a", 60)
        s.begin(61, "replay", scope=to("/hold"))
