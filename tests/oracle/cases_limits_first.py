"""`limits.sequence`: one short test of each call. limits.md A4.1, A4.8 and A5."""

from meters import SEED, Metered, of, policy
from vector_file import VectorFile

NOTES = {
    "Call": "every call of limits and lockouts, by its name and arguments (api.md sections 2 and 5)",
    "Form": "the forms that an argument may have",
}
DOCUMENT = policy(
    of("p", {"id": "minute", "limit": 100, "period": "1m"}, {"id": "hour", "limit": 5000, "period": "1h"}),
    of("queue", {"id": "second", "limit": 10, "period": "1s"}, reserve_max_wait="30s", refundable=True),
    of("jobs", {"id": "slots", "limit": 3, "algo": "concurrent", "lease_ttl": "30s"}),
    lockout={"policies": [{"id": "login", "subject": "email", "threshold": 3}]},
)


def build():
    file = VectorFile("limits/calls.json", NOTES)
    group = file.group("limits.sequence", policy=DOCUMENT, seed=SEED)
    with Metered(group, "check, peek and reset", "Call") as s:
        s.check(0, "allowed", 40)
        s.check(0)
        s.peek(0)
        s.check(0, "denied", 60)
        s.reset(0)
        s.peek(0)
    with Metered(group, "check_local and allow_local", "Call") as s:
        s.check(0, "allowed", 99, op="check_local")
        s.check(0, "allowed", op="allow_local")
        s.check(0, "denied", op="allow_local")
        s.check(0, "denied", op="check_local")
    with Metered(group, "a bundle of lists", "Call", "Form") as s:
        s.bundle(0, ["p", "acme", 40], ["jobs", "acme"], save="a")
        s.peek(0)
        s.peek(0, policy="jobs")
        s.refund("a", 0)
        s.peek(0, policy="jobs")
    with Metered(group, "a bundle of objects", "Call", "Form") as s:
        s.bundle(0, {"policy": "p", "subject": "acme", "cost": 40}, {"policy": "jobs", "subject": "acme"}, save="a")
        s.bundle(0, {"policy": "p", "subject": "acme", "cost": 60}, {"policy": "jobs", "subject": "acme", "cost": 3}, want="denied")
    with Metered(group, "a refund by the decision's name and by its permit's", "Call", "Form") as s:
        s.check(0, "allowed", 2, "a", policy="jobs")
        s.check(0, "allowed", 1, "b", policy="jobs")
        s.refund("a.permit", 0, 1)
        s.refund("b", 0)
        s.peek(0, policy="jobs")
    with Metered(group, "reservations, and their wait in µs and as a duration", "Call", "Form") as s:
        s.reserve(0, 0, "allowed", 10, policy="queue")
        s.reserve(0, "1s", "allowed", 5, "a", policy="queue")
        s.reserve(0, 1_000_000, "denied", 6, policy="queue")
        s.refund("a", 0)
        s.peek(0, policy="queue")
    with Metered(group, "a lockout, its status and its end", "Call") as s:
        s.begin(0, save="a")
        s.settle("a", 1, False)
        s.status(1)
        s.begin(2, save="b")
        s.abandon("b", 3)
        s.begin(4, save="c")
        s.begin(5, save="d")
        s.settle("d", 6, False)
        s.begin(7, "locked")
        s.status(7)
        s.unlock(8)
        s.begin(9, save="e")
        s.settle("e", 10, True)
        s.status(10)
    with Metered(group, "a known device is counted by itself", "Call") as s:
        for at in range(3):
            s.begin(at)
        s.begin(3, "locked")
        s.begin(3, device="cookie-1", save="a")
        s.settle("a", 4, True)
        s.status(4, device="cookie-1")
        s.status(4)
        s.unlock(5, device="cookie-1")
        s.begin(5, "locked")
    with Metered(group, "the policy changes", "Call") as s:
        s.check(0, "allowed", 100)
        s.change(0, policy(of("p", {"id": "minute", "limit": 200, "period": "1m"})))
        s.peek(0)
    return [file]
