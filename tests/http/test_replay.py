"""An operation is run once, and its answer is sent again byte for byte."""

import pytest

from client import Operation, base64_of, same_headers
from servers import Server

BINARY = bytes(range(256)) + b"\r\n\r\n" + b"\0" * 16
ANSWERS = {
    "made": {},
    "binary": {"status": 200, "body": base64_of(BINARY), "headers": [["content-type", "application/octet-stream"]]},
    "duplicates": {"body": "", "headers": [["x-a", "1"], ["x-b", "2"], ["x-a", "3"], ["x-c", ""], ["x-a", "1"]]},
    "latin-1": {"body": base64_of(b"\xe9"), "headers": [["content-type", "text/plain; charset=latin-1"], ["x-name", "\u00e9t\u00e9 \u00ff"]]},
    "no content": {"status": 204, "body": ""},
    "no body": {"status": 200, "body": ""},
    "see other": {"status": 303, "body": "", "headers": [["location", "/orders/17?a=b%20c#d"]]},
    "found": {"status": 302, "body": base64_of(b"over there"), "headers": [["location", "https://example.org/"]]},
    "not found": {"status": 404, "body": base64_of(b"no such item")},
    "refused": {"status": 422, "body": base64_of(b'{"error":"no"}'), "headers": [["content-type", "application/json"]]},
    "own problem": {"status": 400, "body": base64_of(b"{}"), "headers": [["content-type", "application/problem+json"], ["retry-after", "7"]]},
    "the largest that is kept": {"size": 4096},
    "in pieces": {"size": 1000, "chunks": 7},
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_the_first_answer_is_sent_again(server: Server, mount: str, answer: dict) -> None:
    if mount == "/hand" and "chunks" in answer:
        answer = {"size": answer["size"]}
    operation = Operation.new(f"{mount}/implicit", plan=answer)
    first = operation.send(server)
    again = operation.planned(status=500, body=base64_of(b"it was run again")).send(server)

    assert (first.status, again.status) == (answer.get("status", 201),) * 2
    sent = [tuple(header) for header in answer.get("headers", [])]
    if answer.keys() & {"body", "size"}:
        same_headers(server.app, first.kept, sent)
    else:
        same_headers(server.app, first.kept, [("content-type", "application/json"), *sent])
        assert first.json["bytes"] == len(operation.body) and first.json["attempt"] == 1
    marks = [("idempotent-replayed", "true"), ("idempotency-key", operation.id)]
    same_headers(server.app, again.kept, first.kept + marks)
    assert again.body == first.body
    assert again.is_whole and first.is_whole
    assert server.folder.runs(operation.id) == [(1, "-")]


def test_every_retry_gets_the_same_answer(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/explicit")
    first = operation.send(server)
    replies = [operation.send(server) for _ in range(5)]
    assert {reply.body for reply in replies} == {first.body}
    assert all(reply.is_replay for reply in replies) and not first.is_replay
    assert len(server.folder.runs(operation.id)) == 1


def test_an_empty_request_body_is_a_body(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit", body=b"", content_type=None)
    first = operation.send(server)
    assert first.json["bytes"] == 0
    assert operation.send(server).body == first.body
    assert operation.send(server, body=b"x").code == "idempotency_key_reused"


def test_a_binary_request_body_reaches_the_handler_whole(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit", body=BINARY, content_type="application/octet-stream")
    assert operation.send(server).json["bytes"] == len(BINARY)
    assert operation.send(server).is_replay
    assert operation.send(server, body=BINARY[:-1] + b"\1").code == "idempotency_key_reused"


def test_headers_of_one_exchange_are_not_sent_again(server: Server, mount: str) -> None:
    private = [
        ["set-cookie", "session=1; HttpOnly"],
        ["set-cookie", "theme=dark"],
        ["www-authenticate", "Basic"],
        ["proxy-authenticate", "Basic"],
        ["authorization", "Bearer x"],
        ["x-request-id", "r-1"],
        ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
        ["x-hop", "1"],
    ]
    headers = [["x-first", "1"], *private, ["connection", "close, x-hop"], ["x-last", "2"]]
    operation = Operation.new(f"{mount}/implicit", plan={"body": "", "headers": headers})
    first = operation.send(server)
    for name, value in private:
        assert value in first.values(name), f"{name} is the first caller's"
    again = operation.send(server)
    marks = [("idempotent-replayed", "true"), ("idempotency-key", operation.id)]
    assert again.kept == [("x-first", "1"), ("x-last", "2"), *marks]


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_methods_that_are_not_idempotent_need_a_key(server: Server, method: str) -> None:
    operation = Operation.new("/op/implicit", method=method)
    assert operation.send(server, key=()).code == "idempotency_key_missing"
    assert operation.send(server).status == 201
    assert operation.send(server).is_replay


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_methods_pass_through(server: Server, method: str) -> None:
    operation = Operation.new("/op/implicit", method=method)
    first, again = operation.send(server), operation.send(server)
    assert first.status == again.status == 201
    assert first.body != again.body and not again.is_replay
    assert server.folder.runs(operation.id) == [(0, "-")] * 2


def test_the_app_is_well(server: Server) -> None:
    assert Operation("/health", method="GET", body=b"").send(server).status == 204
