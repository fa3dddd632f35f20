"""`idempotency.sequence`: every state with every event, on every kind of route. idempotency.md B5 (state machine) and B5b.

The states and events are told here; what comes of them, the oracle's state machine says. Each test ends with what a third
worker then sees, at once and after all leases.
"""

from operations import BODY, OTHER, POLICY, SEED, Operation, to
from vector_file import VectorFile

NOTES = {
    "Live": "the lease of the only worker is live",
    "Over": "the lease of the only worker is over, and nobody came",
    "TakenOver": "a second worker has taken over from the first",
    "Done": "the operation is completed, released or forgotten",
    "Stale": "a worker that was overtaken changes nothing and learns the winner's answer",
    "Marked": "after a mark everything is stored, and a crash is unknown unless a checkpoint covers the mark",
    "Implicit": "effects = implicit",
    "Explicit": "effects = explicit",
}
ALL = ("/orders", "/store", "/hold", "/money", "/explicit")
BOTH = ("/orders", "/explicit")
SAID = {
    "/orders": "implicit",
    "/store": "implicit, on_5xx = store",
    "/hold": "implicit, on_crash = hold",
    "/money": "implicit, store and hold",
    "/explicit": "explicit",
}
# Acts of the first worker before the event.
MARKS = {
    "unmarked": (),
    "marked": ("mark",),
    "marked, covered": ("mark", "checkpoint"),
    "marked, covered, marked again": ("mark", "checkpoint", "mark"),
}
EVENTS = {
    "begin": lambda s, who, at: s.begin(at, None, "c"),
    "begin of another request": lambda s, who, at: s.begin(at, None, body=OTHER),
    "complete 201": lambda s, who, at: s.complete(who, at, None),
    "complete 409": lambda s, who, at: s.complete(who, at, None, 409),
    "complete 500": lambda s, who, at: s.complete(who, at, None, 500),
    "complete 500 as store": lambda s, who, at: s.complete(who, at, None, 500, finish_as="store"),
    "complete 201 as release": lambda s, who, at: s.complete(who, at, None, finish_as="release"),
    "mark": lambda s, who, at: s.mark(who, at, None),
    "checkpoint": lambda s, who, at: s.checkpoint(who, at, None, "later", "ch_2"),
    "renew": lambda s, who, at: s.renew(who, at, None),
    "release": lambda s, who, at: s.release(who, at, None),
}
ACTS = tuple(event for event in EVENTS if not event.startswith("begin"))
ROUTES = {"begin": ALL, "begin of another request": ("/orders",), "complete 409": ALL, "complete 500": ALL, "release": ALL}


def build():
    file = VectorFile("idempotency/walks.json", NOTES)
    group = file.group("idempotency.sequence", policy=POLICY, seed=SEED)
    alone(group)
    taken_over(group)
    done(group)
    nobody(group)
    return [file]


def mode(path: str) -> str:
    return "Explicit" if path == "/explicit" else "Implicit"


class Walk(Operation):
    """A test on one route, from its comment on."""

    def __init__(self, group, path: str, comment: str, *flags: str):
        super().__init__(group, f"{SAID[path]}: {comment}", mode(path), *flags)
        self.scope = to(path)

    def begin(self, at, want, save=None, body=BODY, **more):
        return super().begin(at, want, save, body, scope=self.scope, **more)

    def act(self, who: str, acts, at: float):
        for place, name in enumerate(acts):
            EVENTS[name](self, who, at + place * 0.5)


def alone(group):
    """One worker, whose lease is live or over."""
    for lease, at in (("live", 10), ("over", 40)):
        for marks, acts in MARKS.items():
            for event, run in EVENTS.items():
                for path in ROUTES.get(event, BOTH):
                    flags = [lease.title()] + (["Marked"] if acts else [])
                    with Walk(group, path, f"{marks}, lease {lease}: {event}", *flags) as s:
                        s.begin(0, "execute", "a")
                        s.act("a", acts, 1)
                        run(s, "a", at)
                        probe(s, at + 1)


def probe(s: Walk, at: float):
    s.begin(at, None)
    if s.steps[-1].get("code") == "in_progress":
        s.begin(at + 2000, None)


def taken_over(group):
    """A second worker came after the first one's lease; the first one wakes up, or the second acts."""
    seconds = {
        "under way": (),
        "marked": ("mark",),
        "completed": ("complete 201",),
        "released": ("release",),
        "completed as release": ("complete 201 as release",),
    }
    for marks in ("unmarked", "marked, covered"):
        for second, acts in seconds.items():
            if marks != "unmarked" and second == "released":
                continue
            for event in ACTS:
                if event in ("complete 409", "complete 500 as store", "complete 201 as release"):
                    continue
                for path in BOTH:
                    with Walk(group, path, f"{marks}, taken over, the second {second}: {event} of the first", "TakenOver", "Stale") as s:
                        s.begin(0, "execute", "a")
                        s.act("a", MARKS[marks], 1)
                        s.begin(40, "resume", "b")
                        s.act("b", acts, 41)
                        EVENTS[event](s, "a", 50)
                        probe(s, 51)
        for lease, at in (("live", 50), ("over", 80)):
            for event in ("begin", "complete 409", "complete 500", "mark", "checkpoint", "renew", "release"):
                for path in (*BOTH, "/store") if event.startswith("complete") else BOTH:
                    with Walk(group, path, f"{marks}, taken over, the second one's lease {lease}: {event} of the second", "TakenOver") as s:
                        s.begin(0, "execute", "a")
                        s.act("a", MARKS[marks], 1)
                        s.begin(40, "resume", "b")
                        EVENTS[event](s, "b", at)
                        probe(s, at + 1)


def done(group):
    """After the end of the operation."""
    for path in BOTH:
        with Walk(group, path, "completed: begin", "Done") as s:
            s.begin(0, "execute", "a")
            s.complete("a", 1)
            s.begin(2, "replay")
            s.begin(3, "replay")
        with Walk(group, path, "completed: the same answer once more", "Done") as s:
            s.begin(0, "execute", "a")
            s.complete("a", 1)
            s.complete("a", 2)
            s.begin(3, "replay")
        with Walk(group, path, "released: begin", "Done") as s:
            s.begin(0, "execute", "a")
            s.release("a", 1)
            s.begin(2, "execute", "b")
            s.complete("b", 3)
            s.begin(4, "replay")
        with Walk(group, path, "released with a checkpoint: the next one begins anew", "Done") as s:
            s.begin(0, "execute", "a")
            s.checkpoint("a", 1)
            s.release("a", 2)
            s.begin(3, "execute", "b")
            s.begin(40, "resume")
        for event in ACTS:
            with Walk(group, path, f"released and begun anew: {event} of the first", "Done", "Stale") as s:
                s.begin(0, "execute", "a")
                s.release("a", 1)
                s.begin(2, "execute", "b")
                EVENTS[event](s, "a", 3)
                probe(s, 4)


def nobody(group):
    """The record is gone: nobody came within the retention."""
    for marks in ("unmarked", "marked"):
        for event in EVENTS:
            for path in BOTH if event in ("begin", "complete 201") else ("/orders",):
                with Walk(group, path, f"{marks}, forgotten: {event}", "Done", *(() if event.startswith("begin") else ("Stale",))) as s:
                    s.begin(0, "execute", "a")
                    s.act("a", MARKS[marks], 1)
                    EVENTS[event](s, "a", 30 + 86400)
                    if not event.startswith("begin"):
                        s.begin(31 + 86400, None)
