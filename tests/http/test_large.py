"""Answers that are too large to be kept, or come in pieces."""

import hashlib

import pytest

from client import Operation, settled
from servers import Server

LARGE = {
    "by one byte": {"size": 4097},
    "in one piece": {"size": 200_000},
    "in pieces": {"size": 20_000, "chunks": 9},
    "in tiny pieces": {"size": 6_000, "chunks": 100},
}


@pytest.mark.parametrize("answer", LARGE.values(), ids=LARGE)
@pytest.mark.parametrize("status", [201, 404])
def test_a_large_answer_is_sent_once_and_its_operation_never_run_again(server: Server, mount: str, answer: dict, status: int) -> None:
    if mount == "/hand":
        answer = {"size": answer["size"]}
    operation = Operation.new(f"{mount}/implicit", plan={"status": status, "headers": [["x-a", "1"], ["set-cookie", "a=b"]], **answer})
    first = operation.send(server)
    assert (first.status, first.body, first.is_whole) == (status, b"x" * answer["size"], True)
    assert first.kept == [("x-a", "1"), ("set-cookie", "a=b")]
    for _ in range(2):
        again = operation.planned().send(server)
        assert (again.status, again.code) == (409, "response_unavailable")
        assert again.json["response_status"] == status
        assert again.json["body_digest"] == hashlib.sha256(first.body).hexdigest()
        assert (again.json["retryable"], again.json["reuse_key"]) == (False, False)
        assert again.values("retry-after") == []
    assert len(server.folder.runs(operation.id)) == 1


def test_a_large_answer_of_a_status_that_is_not_kept_gives_the_key_back(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit", plan={"status": 503, "size": 5_000})
    assert operation.send(server).status == 503
    assert operation.planned().send(server).status == 201


def test_another_request_is_told_so_and_not_of_the_large_answer(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit", plan={"size": 5_000})
    operation.send(server)
    assert operation.send(server, body=b"another").code == "idempotency_key_reused"


@pytest.mark.parametrize("size", [100, 20_000])
def test_an_answer_that_breaks_off_gives_the_key_back(server: Server, size: int) -> None:
    operation = Operation.new("/op/implicit", plan={"size": size, "chunks": 10, "fail_after": 8})
    first = operation.send(server)
    assert not first.is_whole or first.status == 500
    again = settled(server, operation.planned())
    assert again.status == 201 and not again.is_replay
    assert len(server.folder.runs(operation.id)) == 2


def test_an_answer_that_breaks_off_after_the_act_is_not_run_again(server: Server) -> None:
    operation = Operation.new("/op/explicit").planned(["mark"], size=20_000, chunks=10, fail_after=8)
    operation.send(server)
    assert operation.planned().send(server).code == "in_progress"
    assert len(server.folder.runs(operation.id)) == 1
