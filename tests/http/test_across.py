"""One language stores, another replays: three apps on one file."""

import itertools

import pytest

from client import Operation, base64_of, grouped, settled
from servers import CHOSEN, Server

PAIRS = list(itertools.permutations(CHOSEN, 2))
HEADERS = [["content-type", "application/octet-stream"], ["x-a", "1"], ["x-b", "\u00e9t\u00e9"], ["x-a", "2"], ["link", "</a>"], ["link", "</b>"]]
ANSWERS = {
    "made": {},
    "binary": {"status": 202, "body": base64_of(bytes(range(256))), "headers": HEADERS},
    "no content": {"status": 204, "body": "", "headers": [["x-a", "1"]]},
    "refused": {"status": 404, "body": base64_of("nö".encode())},
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_a_stores_and_b_replays(mixed: dict[str, Server], mount: str, a: str, b: str, answer: dict) -> None:
    operation = Operation.new(f"{mount}/explicit", plan={**answer, "steps": [["mark"]]})
    path = f"{operation.path}/%C3%A9t%C3%A9%20?q=%20&r=1"
    first = operation.send(mixed[a], path=path)
    again = operation.planned(status=500).send(mixed[b], path=path)
    assert (again.status, again.body) == (first.status, first.body)
    marks = [("idempotent-replayed", "true"), ("idempotency-key", operation.id)]
    assert grouped(again.kept) == grouped(first.kept + marks)
    assert operation.send(mixed[b], path=path, body=b"another").code == "idempotency_key_reused"
    assert len(mixed[a].folder.runs(operation.id)) == 1


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_b_goes_on_from_where_a_was_killed(mixed: dict[str, Server], a: str, b: str) -> None:
    operation = Operation.new("/op/explicit").planned(["mark"], ["checkpoint", "paid", "receipt 17 €"], ["crash"])
    assert operation.send(mixed[a]).status == 0
    mixed[a].wait()
    mixed[a].start()
    after = settled(mixed[b], operation.planned())
    assert (after.status, after.json["attempt"], after.json["checkpoint"]) == (201, 2, ["paid", "receipt 17 €"])
    assert operation.send(mixed[a]).body == after.body


@pytest.mark.parametrize(("a", "b"), PAIRS)
def test_what_a_gave_out_in_pieces_b_knows_by_its_digest(mixed: dict[str, Server], a: str, b: str) -> None:
    operation = Operation.new("/op/implicit", plan={"size": 9_000, "chunks": 9})
    assert len(operation.send(mixed[a]).body) == 9_000
    replies = [operation.send(mixed[name]) for name in (a, b)]
    assert {reply.code for reply in replies} == {"response_unavailable"}
    assert replies[0].body == replies[1].body


def test_all_tell_a_refusal_in_the_same_bytes(mixed: dict[str, Server], mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit")
    operation.send(mixed[CHOSEN[0]])
    changes = [{"body": b"another"}, {"key": ()}, {"key": (b"short",)}, {"user": None, "tenant": None}, {"body": b"x" * 70_000}]
    for change in changes:
        replies = [operation.send(server, **change) for server in mixed.values()]
        assert len({(reply.status, reply.body) for reply in replies}) == 1, replies
