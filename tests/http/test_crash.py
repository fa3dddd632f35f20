"""The crash matrix: a process is killed at each point of an operation, and what becomes of it."""

import itertools
from dataclasses import dataclass

import pytest

from client import Operation, Reply, eventually, settled
from servers import MOUNTS, Server

CRASH = ["crash"]
MARK = ["mark"]
PAID = ["checkpoint", "paid", "receipt 17 €"]
SHIPPED = ["checkpoint", "shipped", "parcel 4"]


@dataclass(frozen=True)
class Point:
    """Where the worker is killed, and what its successor finds: the checkpoint to go on from, or that nobody may go on."""

    route: str
    steps: tuple[list[str], ...]
    may_go_on: bool
    checkpoint: list[str] | None = None


POINTS = {
    "implicit, at once": Point("implicit", (CRASH,), True),
    "implicit, after a checkpoint": Point("implicit", (PAID, CRASH), True, PAID[1:]),
    "implicit, after a mark": Point("implicit", (MARK, CRASH), False),
    "implicit, after a mark and a checkpoint": Point("implicit", (MARK, PAID, CRASH), True, PAID[1:]),
    "money, at once": Point("money", (CRASH,), False),
    "money, after a checkpoint": Point("money", (PAID, CRASH), False),
    "explicit, before the mark": Point("explicit", (CRASH,), True),
    "explicit, after a renewal": Point("explicit", (["renew"], CRASH), True),
    "explicit, after the mark": Point("explicit", (MARK, CRASH), False),
    "explicit, after a checkpoint": Point("explicit", (PAID, CRASH), True, PAID[1:]),
    "explicit, after a mark and a checkpoint": Point("explicit", (MARK, PAID, CRASH), True, PAID[1:]),
    "explicit, after two checkpoints": Point("explicit", (MARK, PAID, MARK, SHIPPED, CRASH), True, SHIPPED[1:]),
    "explicit, after a checkpoint and another mark": Point("explicit", (MARK, PAID, MARK, CRASH), False),
}


@dataclass(frozen=True)
class Crash:
    """An operation whose worker was killed, what its client saw, and what another process said right afterwards."""

    operation: Operation
    seen: Reply
    exit_code: int
    early: Reply


@pytest.fixture(scope="session")
def crashes(shared: tuple[Server, Server]) -> dict[tuple[str, str], Crash]:
    """All of them at once, so that their leases run out together."""
    killed, other = shared
    found = {}
    for mount, (name, point) in itertools.product(MOUNTS, POINTS.items()):
        operation = Operation.new(f"{mount}/{point.route}").planned(*point.steps)
        seen = operation.send(killed)
        exit_code = killed.wait()
        early = operation.planned().send(other)
        killed.start()
        found[mount, name] = Crash(operation, seen, exit_code, early)
    return found


@pytest.mark.parametrize("name", POINTS)
def test_a_worker_is_killed(shared: tuple[Server, Server], crashes: dict[tuple[str, str], Crash], mount: str, name: str) -> None:
    point, crash = POINTS[name], crashes[mount, name]
    operation, early = crash.operation, crash.early
    assert crash.seen.status == 0 and crash.exit_code != 0
    # It may still have its lease: then nobody takes over.
    assert early.code in ("in_progress", "201" if point.may_go_on else "outcome_unknown")
    assert operation.send(shared[1], body=b"another").code == "idempotency_key_reused"

    after = early if early.status == 201 else settled(shared[0], operation.planned())
    runs = shared[0].folder.runs(operation.id)
    if not point.may_go_on:
        assert (after.status, after.code) == (409, "outcome_unknown")
        assert runs == [(1, "-")]
        assert operation.planned().send(shared[1]).code == "outcome_unknown"
        return
    assert (after.status, after.json["attempt"], after.json["checkpoint"]) == (201, 2, point.checkpoint)
    assert runs == [(1, "-"), (2, point.checkpoint[0] if point.checkpoint else "-")]
    for server in shared:
        again = operation.planned().send(server)
        assert (again.body, again.is_replay) == (after.body, True)


@pytest.mark.parametrize(("route", "code"), [("implicit", "201"), ("money", "outcome_unknown")])
def test_a_worker_is_killed_from_outside(shared: tuple[Server, Server], mount: str, route: str, code: str) -> None:
    killed, other = shared
    operation = Operation.new(f"{mount}/{route}").planned(["sleep", 60_000])
    lost = operation.open(killed)
    eventually(lambda: killed.folder.runs(operation.id), bool)
    killed.kill()
    killed.start()
    lost.close()
    assert settled(other, operation.planned()).code == code


def test_a_worker_is_killed_in_the_middle_of_its_answer(shared: tuple[Server, Server]) -> None:
    killed, other = shared
    operation = Operation.new("/op/implicit", plan={"size": 2_000_000, "chunks": 400})
    lost = operation.open(killed)
    answer = lost.getresponse()
    assert answer.read(10) == b"x" * 10
    killed.kill()
    killed.start()
    lost.close()
    answer.close()
    after = settled(other, operation.planned())
    assert (after.status, after.json["attempt"]) == (201, 2)


def test_what_was_answered_outlives_every_process(shared: tuple[Server, Server], mount: str) -> None:
    operation = Operation.new(f"{mount}/explicit").planned(MARK)
    first = operation.send(shared[0])
    for server in shared:
        server.kill()
    for server in shared:
        server.start()
        again = operation.send(server)
        assert (again.status, again.body, again.is_replay) == (201, first.body, True)
    assert len(shared[0].folder.runs(operation.id)) == 1


def test_an_app_ends_when_it_is_told_to(shared: tuple[Server, Server]) -> None:
    operation = Operation.new("/op/implicit")
    first = operation.send(shared[0])
    assert shared[0].stop() == 0
    shared[0].start()
    assert operation.send(shared[0]).body == first.body
