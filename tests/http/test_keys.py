"""What a key is, and whose it is."""

import json

import pytest

from client import Operation
from servers import Server

INVALID = {
    "too short": b"order-1",
    "too long": b"k" * 256,
    "much too long": b"k" * 4000,
    "empty": b"",
    "empty string": b'""',
    "comma": b"order-000017,order-000018",
    "quoted comma": b'"order-000017,18"',
    "tab": b"order\t000017",
    "inner space": b"order 000017",
    "no closing quote": b'"order-000017',
    "non-ASCII": "órder-000017".encode(),
    "latin-1": b"\xf3rder-000017",
    "bad parameter": b'"order-000017";A=1',
}


@pytest.mark.parametrize("line", INVALID.values(), ids=INVALID)
def test_what_is_no_key_is_refused(server: Server, mount: str, line: bytes) -> None:
    operation = Operation.new(f"{mount}/implicit", key=(line,))
    assert operation.send(server).code == "idempotency_key_invalid"
    assert server.folder.runs(operation.id) == []


def test_a_control_character_never_reaches_the_handler(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit", key=(b"order\x01000017",))
    # Most servers refuse such a request before any code of ours sees it.
    assert operation.send(server).status == 400
    assert server.folder.runs(operation.id) == []


def test_a_key_is_one_header_line(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit")
    assert operation.send(server, key=()).code == "idempotency_key_missing"
    assert operation.send(server, key=operation.key * 2).code == "idempotency_key_multiple"
    assert operation.send(server, key=(*operation.key, b"order-000018")).code == "idempotency_key_multiple"
    assert server.folder.runs(operation.id) == []


def test_a_quoted_key_is_the_bare_key(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit")
    first = operation.send(server)
    for form in (b'"%b"', b'"%b";a=1', b"%b;a", b'  "%b"  '):
        line = form % operation.id.encode()
        again = operation.send(server, key=(line,))
        assert again.body == first.body
        # The key comes back as this request sent it; a server may drop the space around it.
        assert again.values("idempotency-key") == [line.strip().decode()]
    assert len(server.folder.runs(operation.id)) == 1


@pytest.mark.parametrize("key", [b"k" * 255, b"!#$%&'*+-./:<=>?@[]^_`{|}~", b"8 bytes!".replace(b" ", b"_")])
def test_any_visible_key_will_do(server: Server, mount: str, key: bytes) -> None:
    operation = Operation.new(f"{mount}/implicit", key=(key,))
    first = operation.send(server)
    assert first.status == 201
    assert operation.send(server).body == first.body


def test_a_key_may_be_optional(server: Server) -> None:
    operation = Operation.new("/open/implicit")
    first, again = operation.send(server, key=()), operation.send(server, key=())
    assert first.json["attempt"] is None and first.body != again.body
    with_key = operation.send(server)
    assert with_key.json["attempt"] == 1
    assert operation.send(server).body == with_key.body
    assert operation.send(server, key=(b"short",)).code == "idempotency_key_invalid"
    assert operation.send(server, key=operation.key * 2).code == "idempotency_key_multiple"


OTHERS = {
    "user": {"user": "u-2"},
    "tenant": {"tenant": "globex"},
    "no tenant": {"tenant": None},
    "no user": {"user": None},
    "method": {"method": "PATCH"},
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_the_key_of_another_caller_is_another_key(server: Server, mount: str, other: dict) -> None:
    operation = Operation.new(f"{mount}/implicit")
    first = operation.send(server)
    theirs = operation.send(server, **other)
    assert theirs.status == 201 and not theirs.is_replay
    assert theirs.json["run"] != first.json["run"]
    assert operation.send(server).body == first.body
    assert operation.send(server, **other).body == theirs.body
    assert len(server.folder.runs(operation.id)) == 2


def test_names_cannot_be_moved_from_one_part_to_another(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit", tenant="a", user="bc")
    first = operation.send(server)
    assert operation.send(server, tenant="ab", user="c").json["run"] != first.json["run"]


def test_the_key_on_another_path_is_another_key(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit")
    first = operation.send(server)
    for path in (operation.path + "/", operation.path + "%20", operation.path + "/x", operation.path.upper().replace(mount.upper(), mount)):
        other = operation.send(server, path=path)
        assert other.status == 201 and other.json["run"] != first.json["run"], path


def test_without_a_caller_nothing_is_run(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit", tenant=None, user=None)
    reply = operation.send(server)
    assert (reply.status, reply.code) == (500, "internal")
    assert b"scope" not in reply.body
    assert server.folder.runs(operation.id) == []


CHANGED = {
    "body": {"body": b'{"item": 8}'},
    "form of the same JSON": {"body": b'{"item":7}'},
    "empty body": {"body": b""},
    "content type": {"content_type": "text/plain"},
    "no content type": {"content_type": None},
}


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_another_request_with_the_key_is_refused(server: Server, mount: str, change: dict) -> None:
    operation = Operation.new(f"{mount}/implicit")
    first = operation.send(server)
    refused = operation.send(server, **change)
    assert (refused.status, refused.code) == (422, "idempotency_key_reused")
    assert operation.send(server).body == first.body
    assert len(server.folder.runs(operation.id)) == 1


def test_the_query_is_part_of_the_request(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit")
    first = operation.send(server, path=f"{operation.path}?a=1&b=%20")
    assert operation.send(server, path=f"{operation.path}?a=1&b=%20").body == first.body
    for query in ("", "?", "?a=1", "?a=1&b=+", "?b=%20&a=1", "?a=1&b=%20?"):
        assert operation.send(server, path=operation.path + query).code == "idempotency_key_reused", query


def test_parameters_of_the_content_type_are_not(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit")
    first = operation.send(server)
    assert operation.send(server, content_type="Application/JSON; charset=utf-8").body == first.body


def test_a_body_that_is_too_large_is_refused(server: Server, mount: str) -> None:
    operation = Operation.new(f"{mount}/implicit", body=b"x" * 65_536)
    assert operation.send(server).json["bytes"] == 65_536
    larger = Operation.new(f"{mount}/implicit", body=b"x" * 65_537)
    reply = larger.send(server)
    assert (reply.status, reply.code) == (413, "body_too_large")
    assert server.folder.runs(larger.id) == []


PROBLEMS = {
    "idempotency_key_missing": ({"key": ()}, 400, False),
    "idempotency_key_invalid": ({"key": (b"short",)}, 400, False),
    "idempotency_key_multiple": ({"key": (b"order-000017", b"order-000017")}, 400, False),
    "internal": ({"tenant": None, "user": None}, 500, True),
    "idempotency_key_reused": ({"body": b"another"}, 422, False),
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_a_refusal_is_a_problem(server: Server, mount: str, code: str) -> None:
    change, status, reuse_key = PROBLEMS[code]
    operation = Operation.new(f"{mount}/implicit")
    operation.send(server)
    reply = operation.send(server, **change)
    document = json.loads(reply.body, object_pairs_hook=list)
    members = dict(document)
    assert [name for name, _ in document] == ["type", "title", "status", "code", "retryable", "reuse_key", "detail"]
    assert reply.values("content-type") == ["application/problem+json"]
    assert (reply.status, members["status"], members["code"]) == (status, status, code)
    assert (members["retryable"], members["reuse_key"]) == (False, reuse_key)
    assert members["type"] == f"urn:gatewright:error:{code}" and members["detail"].endswith(".")
    assert reply.values("retry-after") == [] and reply.values("idempotent-replayed") == []
