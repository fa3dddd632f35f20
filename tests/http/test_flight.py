"""While an operation is under way: other requests, clients that go away, crowds, and a worker that lost its lease."""

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from client import Operation, eventually, exchange, settled
from servers import Server


@pytest.fixture
def go(tmp_path: Path) -> Path:
    """A file that a handler waits for, so that it is under way for as long as the test needs it."""
    return tmp_path / "go"


def begun(server: Server, operation: Operation) -> None:
    """Wait until the handler has it."""
    eventually(lambda: server.folder.runs(operation.id), bool)


def test_while_it_is_handled_others_are_told_to_wait(server: Server, mount: str, go: Path) -> None:
    operation = Operation.new(f"{mount}/implicit").planned(["until", str(go)])
    under_way = operation.open(server)
    begun(server, operation)
    again = operation.planned().send(server)
    assert (again.status, again.code) == (409, "in_progress")
    # The lease has ten minutes left, and nobody is told to wait for longer than half a minute.
    assert again.values("retry-after") == ["30"]
    assert (again.json["retryable"], again.json["reuse_key"]) == (True, True)
    # Another request is refused at once, not told to wait.
    assert operation.send(server, body=b"another").code == "idempotency_key_reused"
    go.touch()
    first = exchange(under_way)
    assert first.status == 201
    assert operation.send(server).body == first.body
    assert len(server.folder.runs(operation.id)) == 1


def test_one_operation_never_waits_for_another(server: Server, mount: str, go: Path) -> None:
    slow = Operation.new(f"{mount}/implicit").planned(["until", str(go)])
    under_way = slow.open(server)
    begun(server, slow)
    quick = Operation.new(f"{mount}/implicit")
    assert quick.send(server).status == 201
    assert server.folder.ends(slow.id) == 0, "the quick one came while the slow one was handled"
    go.touch()
    assert exchange(under_way).status == 201


def test_a_client_that_goes_away_gets_the_answer_when_it_comes_back(server: Server) -> None:
    operation = Operation.new("/op/implicit").planned(["sleep", 300])
    left = operation.open(server)
    begun(server, operation)
    left.close()
    # Where the server notices, the key is given back; where it does not, the first execution's answer is kept.
    answer = settled(server, operation)
    assert answer.status == 201
    assert operation.send(server).body == answer.body
    assert len(server.folder.runs(operation.id)) <= 2


@pytest.mark.parametrize("route", ["explicit", "money"])
def test_what_a_client_left_after_the_act_is_not_run_again(server: Server, route: str, go: Path) -> None:
    steps = [["mark"]] if route == "explicit" else []
    operation = Operation.new(f"/op/{route}").planned(*steps, ["tell", "acted"], ["until", str(go)])
    left = operation.open(server)
    eventually(lambda: server.folder.told(operation.id), bool)
    left.close()
    # Time for a server to notice it, and to do what it must not.
    time.sleep(0.3)
    go.touch()
    # Either the handler went on and its answer is kept, or it was stopped and nobody may run it until the lease is over.
    answer = operation.planned().send(server)
    assert answer.code == "in_progress" or answer.is_replay
    assert len(server.folder.runs(operation.id)) == 1


def test_a_client_that_leaves_in_the_middle_of_a_large_answer(server: Server) -> None:
    operation = Operation.new("/op/implicit", plan={"size": 2_000_000, "chunks": 200})
    left = operation.open(server)
    answer = left.getresponse()
    assert answer.read(10) == b"x" * 10
    left.close()
    answer.close()
    # Broken off, the key is given back; written to its end all the same, it is never run again.
    after = settled(server, operation.planned())
    runs = len(server.folder.runs(operation.id))
    assert (after.code, runs) in [("201", 2), ("response_unavailable", 1)]


def test_a_crowd_at_two_processes_runs_it_once(shared: tuple[Server, Server], mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit").planned(["sleep", 100])
    with ThreadPoolExecutor(30) as crowd:
        replies = list(crowd.map(lambda number: operation.send(shared[number % 2]), range(30)))
    assert {reply.code for reply in replies} <= {"201", "in_progress"}
    first = [reply for reply in replies if reply.status == 201 and not reply.is_replay]
    assert len(first) == 1
    for server in shared * 5:
        again = operation.send(server)
        assert (again.status, again.body, again.is_replay) == (201, first[0].body, True)
    assert shared[0].folder.runs(operation.id) == [(1, "-")]


def test_many_keys_at_two_processes_run_once_each(shared: tuple[Server, Server]) -> None:
    operations = [Operation.new("/op/implicit").planned(["sleep", 20]) for _ in range(10)]
    requests = [(operation, server) for operation in operations for server in shared * 2]
    with ThreadPoolExecutor(20) as crowd:
        list(crowd.map(lambda request: request[0].send(request[1]), requests))
    for operation in operations:
        answers = {settled(server, operation).body for server in shared}
        assert len(answers) == 1
        assert shared[0].folder.runs(operation.id) == [(1, "-")]


def test_a_worker_that_wakes_after_its_lease_sends_the_winners_answer(shared: tuple[Server, Server], mount: str, go: Path) -> None:
    sleeper, winner = shared
    operation = Operation.new(f"{mount}/implicit").planned(["until", str(go)])
    late = operation.open(sleeper)
    begun(sleeper, operation)
    sleeper.freeze()
    try:
        won = settled(winner, operation.planned(status=202))
        go.touch()
    finally:
        sleeper.thaw()
    answer = exchange(late)
    assert (won.status, won.is_replay) == (202, False)
    assert (answer.status, answer.body, answer.is_replay) == (202, won.body, True)
    again = operation.send(winner)
    assert (again.status, again.body, again.is_replay) == (202, won.body, True)
    assert sleeper.folder.runs(operation.id) == [(1, "-"), (2, "-")]
    assert sleeper.folder.ends(operation.id) == 2


def test_a_worker_that_wakes_while_its_successor_works_is_stale(shared: tuple[Server, Server], mount: str, go: Path) -> None:
    sleeper, winner = shared
    operation = Operation.new(f"{mount}/implicit").planned(["until", str(go)])
    late = operation.open(sleeper)
    begun(sleeper, operation)
    sleeper.freeze()
    with ThreadPoolExecutor(1) as successor:
        try:
            # Once the lease is over, the winner takes over, and is at it until the sleeper has been answered.
            answered = go.with_name("answered")
            under_way = successor.submit(settled, winner, operation.planned(["until", str(answered)], status=202))
            eventually(lambda: winner.folder.runs(operation.id), lambda runs: len(runs) == 2)
            go.touch()
        finally:
            sleeper.thaw()
        answer = exchange(late)
        answered.touch()
        won = under_way.result()
    assert (answer.status, answer.code) == (409, "stale")
    assert won.status == 202
    for server in shared:
        again = operation.send(server)
        assert (again.status, again.body, again.is_replay) == (202, won.body, True)
