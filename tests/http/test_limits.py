"""Limits in front of a handler: what is left is told with every answer, and a refusal is the same in three frameworks."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator

import pytest
from gatewright import Gate

from client import Headers, Operation, Reply, eventually
from servers import CHOSEN, Server

MOUNTS = ("/limited", "/counted")
TOLD = {"ratelimit", "ratelimit-policy", "retry-after", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
POLICY = '"hour";q=3;w=3600, "day";q=50;w=86400'


@pytest.fixture(params=MOUNTS)
def mount(request: pytest.FixtureRequest) -> str:
    """The glue, and the calls by hand."""
    return request.param


@pytest.fixture(scope="module")
def client() -> Iterator[Gate]:
    """A client, which reads what servers say of their limits."""
    with Gate.from_policy({"version": 1, "store": {"default": "memory:"}, "limits": {"policies": [{"id": "any", "preset": "tenant"}]}}) as gate:
        yield gate


def request(mount: str, policy: str = "hourly", *, tenant: str | None = None, **plan: object) -> Operation:
    """A request of a tenant that nobody has heard of."""
    name = uuid.uuid4().hex
    return Operation.new(f"{mount}/{policy}", tenant=name if tenant is None else tenant, key=(), plan=plan)


def told(reply: Reply) -> dict[str, str]:
    """What an answer says of limits, each once."""
    lines: Headers = [(name, value) for name, value in reply.headers if name in TOLD]
    assert len(dict(lines)) == len(lines), lines
    return dict(lines)


def assert_refused(reply: Reply) -> None:
    """The whole answer, but for the seconds that have passed since the limit was reached."""
    headers = told(reply)
    wait = int(headers.pop("retry-after"))
    assert 1 <= wait <= 1200
    hour, day = headers.pop("ratelimit").split(", ")
    assert hour == f'"hour";r=0;t={wait}'
    assert day.startswith('"day";r=47;t=')
    assert 0 <= int(headers.pop("x-ratelimit-reset")) - time.time() <= 3601
    assert headers == {"ratelimit-policy": POLICY, "x-ratelimit-limit": "3", "x-ratelimit-remaining": "0"}
    assert reply.values("content-type") == ["application/problem+json"]
    assert reply.status == 429
    assert reply.json == {
        "type": "https://iana.org/assignments/http-problem-types#quota-exceeded",
        "title": "Request cannot be satisfied as assigned quota has been exceeded",
        "status": 429,
        "code": "rate_limited",
        "retryable": True,
        "reuse_key": True,
        "detail": f"Too many requests; send the same request again after {wait} s.",
        "violated-policies": ["hour"],
    }


def test_what_is_left_is_told_until_nothing_is(server: Server, mount: str) -> None:
    operation = request(mount)
    for left in (2, 1, 0):
        reply = operation.send(server)
        assert (reply.status, json.loads(reply.body)["id"]) == (201, operation.id)
        headers = told(reply)
        assert headers["ratelimit-policy"] == POLICY
        assert headers["ratelimit"].startswith(f'"hour";r={left};t=')
        assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("3", str(left))
        assert "retry-after" not in headers
    assert_refused(operation.send(server))
    assert len(server.folder.runs(operation.id)) == 3, "a refusal reaches no handler"


def test_others_have_limits_of_their_own(server: Server, mount: str) -> None:
    first, second = request(mount), request(mount)
    for _ in range(3):
        assert first.send(server).status == 201
    assert first.send(server).status == 429
    assert second.send(server).status == 201


@pytest.mark.parametrize(
    ("policy", "tenant", "code"), [("hourly", "", "subject_invalid"), ("hourly", "a" * 321, "subject_invalid"), ("absent", "acme", "invalid_argument")]
)
def test_what_cannot_be_measured_is_a_problem(server: Server, mount: str, policy: str, tenant: str, code: str) -> None:
    operation = request(mount, policy, tenant=tenant)
    reply = operation.send(server)
    assert (reply.status, reply.code, told(reply)) == (400, code, {})
    assert server.folder.runs(operation.id) == []


def test_an_answer_that_says_more_of_a_header_keeps_its_own(server: Server) -> None:
    operation = request("/limited", headers=[["x-ratelimit-limit", "7"], ["vary", "x-tenant"]])
    reply = operation.send(server)
    headers = told(reply)
    assert (headers["x-ratelimit-limit"], headers["x-ratelimit-remaining"]) == ("7", "2")
    assert headers["ratelimit"].startswith('"hour";r=2;t=2400, "day";r=49;t=')
    assert reply.values("vary") == ["x-tenant"]


def test_whoever_waits_as_the_answer_says_is_let_through(server: Server, mount: str, client: Gate) -> None:
    operation = request(mount, "brief")
    # Under heavy load a request may take longer than its unit takes to come back.
    refused = eventually(lambda: operation.send(server), lambda reply: reply.status == 429)
    wait = int(told(refused)["retry-after"])
    read = client.limits.parse_headers(refused.headers)
    assert [(limit.name, limit.quota, limit.window_s, limit.remaining, limit.reset_s) for limit in read.limits] == [("second", 1, 2, 0, wait)]
    assert read.wait_us == wait * 1_000_000
    time.sleep(wait)
    assert operation.send(server).status == 201


def test_three_apps_on_one_file_give_the_limit_once(mixed: dict[str, Server], mount: str) -> None:
    operation = request(mount)
    replies = [operation.send(mixed[CHOSEN[turn % len(CHOSEN)]]) for turn in range(3 * len(CHOSEN))]
    assert [reply.status for reply in replies] == [201] * 3 + [429] * (len(replies) - 3)
    for reply in replies[3:]:
        assert_refused(reply)


def test_an_envelope_has_the_same_headers(shared: tuple[Server, Server], mount: str) -> None:
    operation = request(mount)
    for turn in range(3):
        assert operation.send(shared[turn % 2]).status == 201
    reply = operation.send(shared[1])
    headers = told(reply)
    assert reply.status == 429
    assert reply.values("content-type") == ["application/json"]
    message = f"Too many requests; send the same request again after {headers['retry-after']} s."
    assert reply.json == {"error": {"code": "RATE_LIMITED", "message": message}}
    assert headers["ratelimit"].startswith(f'"hour";r=0;t={headers["retry-after"]}, ')
