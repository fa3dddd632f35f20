"""Idempotent operations, waited for."""

from __future__ import annotations

import contextlib
import copy
import gc
import hashlib
import http
import inspect
import pickle
import threading
import uuid
from datetime import timedelta
from typing import Any, cast

import pytest
from starlette.datastructures import Headers

from gatewright import Gate, Response, Step, errors, testing
from gatewright.errors import (
    BodyTooLarge,
    IdempotencyError,
    InProgress,
    InvalidArgument,
    KeyReused,
    OutcomeUnknown,
    ResponseUnavailable,
    Stale,
)
from gatewright.types import Scope

KEY = "order-000017"
BODY = b'{"item":7}'
LEASE = timedelta(seconds=30)


def scope(path: str = "/orders", **more: Any) -> Scope:
    made: Any = {"tenant": "acme", "principal": "u-42", "method": "POST", "path": path, **more}
    return cast("Scope", made)


def begin(gate: Gate, path: str = "/orders", **more: Any) -> Step:
    given: dict[str, Any] = {"key": KEY, "scope": scope(path), "body": BODY, **more}
    return gate.idempotency.begin(**given)


def test_an_operation_runs_once_and_its_answer_is_replayed(gate: Gate) -> None:
    headers = [("Location", "/orders/1"), ("X-Tag", "a"), ("X-Tag", "\xe9")]
    with begin(gate) as step:
        assert (step.outcome, step.attempt, step.response, step.checkpoint_reached) == ("execute", 1, None, None)
        assert 0 < step.fence < 2**53
        assert step.max_stored_body == 256 * 1024
        step.mark_effects()
        sent = step.complete(201, headers, b"made\x00\xff")
    assert (sent.status, sent.headers, sent.body) == (201, headers, b"made\x00\xff")
    with begin(gate) as again:
        assert (again.outcome, again.fence, again.attempt, again.max_stored_body) == ("replay", 0, 0, 0)
        assert again.response is not None
        assert (again.response.status, again.response.body) == (201, sent.body)
        assert again.response.body is again.response.body
        assert again.response.headers == [*headers, ("Idempotent-Replayed", "true"), ("Idempotency-Key", KEY)]
        for act in (again.mark_effects, again.renew, again.release):
            with pytest.raises(InvalidArgument):
                act()
        with pytest.raises(InvalidArgument):
            again.complete(201)
        with pytest.raises(InvalidArgument):
            again.checkpoint("paid", b"")
        with pytest.raises(InvalidArgument):
            again.complete_streamed(201, bytes(32))


def test_without_a_block_the_end_is_the_callers(gate: Gate) -> None:
    step = begin(gate)
    with pytest.raises(InProgress) as busy:
        begin(gate)
    assert (busy.value.retry_after, busy.value.next_action) == (LEASE, "wait")
    step.complete(Response(200, body=b"done"))
    assert begin(gate).outcome == "replay"


def test_the_key_is_for_one_request(gate: Gate) -> None:
    begin(gate).complete(201)
    others: list[dict[str, Any]] = [{"body": b"other"}, {"query": "a=1"}, {"content_type": "text/plain"}]
    for other in others:
        with pytest.raises(KeyReused) as reused:
            begin(gate, **other)
        assert (reused.value.status, reused.value.advice, reused.value.next_action) == (422, "new_key", "rotate")
    assert begin(gate, scope=scope(principal="u-43")).outcome == "execute"


@pytest.mark.parametrize(
    ("key", "code"),
    [
        (None, "idempotency_key_missing"),
        ([], "idempotency_key_missing"),
        ("", "idempotency_key_invalid"),
        ("short", "idempotency_key_invalid"),
        ("a,b-and-more", "idempotency_key_invalid"),
        ("schl\xfcssel-1", "idempotency_key_invalid"),
        (b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8", "idempotency_key_invalid"),
        ("k" * 256, "idempotency_key_invalid"),
        ([KEY, KEY], "idempotency_key_multiple"),
        ((b"a", "b"), "idempotency_key_multiple"),
    ],
)
def test_a_bad_key_says_what_is_bad(gate: Gate, key: Any, code: str) -> None:
    with pytest.raises(IdempotencyError) as refused:
        begin(gate, key=key)
    assert (type(refused.value), refused.value.code, refused.value.status) == (IdempotencyError, code, 400)


@pytest.mark.parametrize("key", [KEY, f'"{KEY}"', KEY.encode(), [KEY], (KEY.encode(),), bytearray(KEY.encode())])
def test_a_key_comes_in_any_form(gate: Gate, key: Any) -> None:
    begin(gate, key=key).complete(201)
    assert begin(gate, key=f' "{KEY}";a=1').outcome == "replay"


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": 7},
        {"key": [7]},
        {"key": "\ud800-surrogate"},
        {"scope": None},
        {"scope": "acme"},
        {"scope": {"method": "POST"}},
        {"scope": {"method": "POST", "path": "/", "tenant": 7}},
        {"scope": {"method": "POST", "path": "/", "tenant": "a", "user": "b"}},
        {"scope": {"method": "POST", "path": "/?a=1", "tenant": "a"}},
        {"body": "text"},
        {"body": 7},
        {"body": None},
        {"fingerprint": 7},
        {"content_type": b"text/plain"},
        {"query": 7},
        {"route": 7},
        {"context": {"user": "x"}},
    ],
)
def test_arguments_of_other_types_are_refused(gate: Gate, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgument):
        begin(gate, **wrong)


def test_a_scope_is_never_shared_by_all(gate: Gate) -> None:
    empty: list[dict[str, Any]] = [{}, {"tenant": ""}, {"tenant": None, "principal": None}]
    for caller in empty:
        with pytest.raises(IdempotencyError) as refused:
            begin(gate, scope={"method": "POST", "path": "/orders", **caller})
        assert (refused.value.code, refused.value.status, refused.value.public_code) == ("scope_empty", 500, "internal")


def test_a_fingerprint_stands_for_the_body(gate: Gate) -> None:
    begin(gate, body=None, fingerprint=b"v1").complete(200)
    assert begin(gate, body=None, fingerprint="v1").outcome == "replay"
    with pytest.raises(KeyReused):
        begin(gate, body=None, fingerprint="v2")


def test_an_exception_gives_the_operation_back(gate: Gate) -> None:
    with pytest.raises(ZeroDivisionError), begin(gate):
        raise ZeroDivisionError
    with begin(gate) as step:
        assert (step.outcome, step.attempt) == ("execute", 1)
    # A block that ends without an answer is left as by an exception.
    with begin(gate) as step:
        step.mark_effects()
    with pytest.raises(InProgress):
        begin(gate)


def test_after_a_mark_the_outcome_is_unknown(gate: Gate, clock: testing.ManualClock) -> None:
    with contextlib.suppress(ZeroDivisionError), begin(gate) as step:
        step.mark_effects()
        with pytest.raises(InvalidArgument):
            step.release()
        raise ZeroDivisionError
    with pytest.raises(InProgress):
        begin(gate)
    clock.advance(LEASE)
    with pytest.raises(OutcomeUnknown) as unknown:
        begin(gate)
    assert (unknown.value.status, unknown.value.next_action) == (409, "reconcile")


def test_a_route_that_stores_failures_is_left_to_its_lease(gate: Gate) -> None:
    with pytest.raises(ZeroDivisionError), begin(gate, "/money"):
        raise ZeroDivisionError
    with pytest.raises(InProgress):
        begin(gate, "/money")
    begin(gate, route="/money", key="another-key-1").complete(503)
    assert begin(gate, route="/money", key="another-key-1").outcome == "replay"


def test_a_dropped_step_is_given_back(gate: Gate, policy: dict[str, Any], clock: testing.ManualClock) -> None:
    begin(gate)
    gc.collect()
    if not policy["store"]["default"].startswith("memory:"):
        # Its release is begun and not waited for; the lease bounds it.
        clock.advance(LEASE)
    assert begin(gate).outcome in ("execute", "resume")


def test_a_taken_over_operation_goes_on_from_its_checkpoint(gate: Gate, clock: testing.ManualClock) -> None:
    slow = begin(gate, "/explicit")
    slow.mark_effects()
    slow.checkpoint("paid", memoryview(b"receipt\x00"))
    clock.advance(LEASE)
    with begin(gate, "/explicit") as step:
        assert (step.outcome, step.attempt) == ("resume", 2)
        assert step.fence > slow.fence
        reached = step.checkpoint_reached
        assert reached is not None
        assert (reached.name, reached.data) == ("paid", b"receipt\x00")
        assert reached == step.checkpoint_reached
        with pytest.raises(Stale) as early:
            slow.renew()
        assert early.value.response is None
        step.complete(201, {"X-Worker": "2"}, b"second")
    with pytest.raises(Stale) as stale:
        slow.complete(201, {"X-Worker": "1"}, b"first")
    winner = stale.value.response
    assert winner is not None
    assert (winner.status, winner.body, winner.headers[0]) == (201, b"second", ("X-Worker", "2"))
    assert gate.problem(stale.value) == winner
    assert vars(pickle.loads(pickle.dumps(stale.value))) == vars(stale.value)


def test_a_lease_is_renewed(gate: Gate, clock: testing.ManualClock) -> None:
    step = begin(gate)
    clock.advance(LEASE / 2)
    step.renew()
    clock.advance(LEASE / 2)
    with pytest.raises(InProgress):
        begin(gate)


def test_a_large_answer_leaves_its_digest(gate: Gate) -> None:
    with begin(gate, "/small") as step:
        assert step.max_stored_body == 16
        step.complete(201, body=b"x" * 17)
    with pytest.raises(ResponseUnavailable) as lost:
        begin(gate, "/small")
    digest = hashlib.sha256(b"x" * 17)
    assert (lost.value.response_status, lost.value.body_digest) == (201, digest.digest())
    answer = gate.problem(lost.value)
    assert answer.status == 409
    assert f'"body_digest":"{digest.hexdigest()}"'.encode() in answer.body
    assert b'"response_status":201' in answer.body


def test_a_streamed_answer_leaves_its_digest(gate: Gate) -> None:
    digest = hashlib.sha256(b"long").digest()
    step = begin(gate)
    with pytest.raises(InvalidArgument):
        step.complete_streamed(200, digest[:31])
    assert step.complete_streamed(200, bytearray(digest)) is True
    with pytest.raises(ResponseUnavailable) as lost:
        begin(gate)
    assert lost.value.body_digest == digest


def test_an_answer_is_stored_or_released_as_its_status_says_or_the_caller(gate: Gate) -> None:
    begin(gate).complete(http.HTTPStatus.SERVICE_UNAVAILABLE)
    begin(gate).complete(201, finish_as="release")
    begin(gate).complete(500, finish_as="store")
    replay = begin(gate)
    assert replay.response is not None
    assert replay.response.status == 500


@pytest.mark.parametrize(
    "answer",
    [
        (99,),
        (600,),
        (-1,),
        (2**70,),
        ("201",),
        (True,),
        (201, [("X", "\u0100")]),
        (201, [("X", 7)]),
        (201, "X: 1"),
        (201, [("X",)]),
        (201, None, "text"),
        (Response(201), None, b"body"),
    ],
)
def test_answers_of_other_types_are_refused_and_end_nothing(gate: Gate, answer: tuple[Any, ...]) -> None:
    step = begin(gate)
    with pytest.raises(InvalidArgument):
        step.complete(*answer)
    with pytest.raises(InvalidArgument):
        step.complete(201, finish_as="maybe")  # type: ignore[call-overload]  # pyright: ignore[reportArgumentType, reportCallIssue]
    step.complete(201)


def test_a_response_is_plain_data() -> None:
    one = Response(201, [("X-Name", "Zo\xeb"), (b"x-name", b"\xff\x00")], bytearray(b"made"))
    assert (one.status, one.headers, one.body) == (201, [("X-Name", "Zo\xeb"), ("x-name", "\xff\x00")], b"made")
    assert Response(200).headers == []
    assert Response(200).body == b""
    for again in (pickle.loads(pickle.dumps(one)), copy.deepcopy(one), Response(one.status, one.headers, one.body)):
        assert again == one
        assert hash(again) == hash(one)
    assert one != Response(201, one.headers, b"other")
    assert Response(200, Headers({"a": "1"})).headers == [("a", "1")]
    assert Response(200, {"a": ["1", "2"]}).headers == [("a", "1"), ("a", "2")]
    assert repr(one) == "Response(201, 2 headers, 4 bytes)"


def test_run_calls_the_handler_once(gate: Gate) -> None:
    calls: list[str] = []

    def handle(step: Step) -> Response:
        calls.append(step.outcome)
        return Response(201, {"X-A": "1"}, b"made")

    def run(handle: Any) -> Response:
        return gate.idempotency.run(handle, key=KEY, scope=scope(), body=BODY)

    with pytest.raises(ZeroDivisionError):
        run(lambda _: 1 // 0)
    with pytest.raises(InvalidArgument):
        run(lambda _: b"no response")
    with pytest.raises(InvalidArgument):
        run(None)
    assert run(handle) == Response(201, {"X-A": "1"}, b"made")
    again = run(handle)
    assert (again.body, calls) == (b"made", ["execute"])
    assert ("Idempotent-Replayed", "true") in again.headers


def test_run_gives_a_stale_worker_the_winners_answer(gate: Gate, clock: testing.ManualClock) -> None:
    def overtaken(step: Step) -> Response:
        clock.advance(LEASE)
        gate.idempotency.run(lambda _: Response(201, body=b"winner"), key=KEY, scope=scope(), body=BODY)
        return Response(201, body=b"loser")

    assert gate.idempotency.run(overtaken, key=KEY, scope=scope(), body=BODY).body == b"winner"


def test_a_decorated_function_is_an_operation(gate: Gate) -> None:
    made: list[int] = []

    @gate.idempotency.idempotent(
        key=lambda item, key: key, scope=lambda item, key: scope(), body=lambda item, key: str(item).encode()
    )
    def make(step: Step, item: int, key: str | None) -> Response:
        """Make an order."""
        made.append(item)
        step.mark_effects()
        return Response(201, body=b"made")

    assert make(7, KEY).body == b"made"
    assert make(7, key=KEY).body == b"made"
    assert made == [7]
    with pytest.raises(KeyReused):
        make(8, KEY)
    with pytest.raises(IdempotencyError):
        make(9, None)
    assert (make.__name__, make.__doc__) == ("make", "Make an order.")
    assert list(inspect.signature(make).parameters) == ["item", "key"]
    with pytest.raises(InvalidArgument):
        gate.idempotency.idempotent(key=KEY, scope=scope)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_the_clients_side(gate: Gate) -> None:
    key = uuid.UUID(gate.idempotency.new_key())
    assert (key.version, key.variant) == (7, uuid.RFC_4122)
    assert gate.idempotency.new_key() != str(key)
    expected = [
        (0, None, "reuse"),
        (201, None, "rotate"),
        (409, "in_progress", "wait"),
        (409, "outcome_unknown", "reconcile"),
    ]
    assert [gate.idempotency.next_action(status, code) for status, code, _ in expected] == [
        what for *_, what in expected
    ]
    for wrong in ("200", -1, None, 2**16):
        with pytest.raises(InvalidArgument):
            gate.idempotency.next_action(wrong)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


def test_a_webhook_begins_an_operation(gate: Gate) -> None:
    signed = gate.webhooks.sign("std", BODY, id="msg_1")
    with gate.webhooks.begin("std", signed, BODY, context={"request_id": "r"}) as step:
        assert step.outcome == "execute"
        assert step.message is not None
        assert (step.message.id, step.message.key_id) == ("msg_1", "s")
        with pytest.raises(InProgress):
            gate.webhooks.begin("std", signed, BODY)
        step.complete(204)
    with gate.webhooks.begin("std", signed, BODY) as step:
        assert step.response == Response(204, {"Idempotent-Replayed": "true"})
        assert step.message is not None
    with pytest.raises(errors.WebhookError):
        gate.webhooks.begin("std", signed, BODY + b" ")


def test_only_webhooks_have_a_message(gate: Gate) -> None:
    assert begin(gate).message is None


def test_problems_are_for_clients(gate: Gate) -> None:
    with pytest.raises(IdempotencyError) as missing:
        begin(gate, key=None)
    answer = gate.problem(missing.value)
    assert (answer.status, answer.headers) == (400, [("Content-Type", "application/problem+json")])
    assert b'"code":"idempotency_key_missing","retryable":false,"reuse_key":false' in answer.body
    waiting = gate.problem(InProgress("busy", retry_after=timedelta(milliseconds=1500)))
    assert ("Retry-After", "2") in waiting.headers
    for inside in (KeyError("secret"), SystemExit(2), errors.InternalError("secret")):
        told = gate.problem(inside)
        assert told.status == 500
        assert b"secret" not in told.body
    assert gate.problem(BodyTooLarge()).status == 413


def test_one_of_many_threads_runs_it(gate: Gate) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(8)

    def work() -> None:
        start.wait()
        for number in range(20):
            try:
                with begin(gate, key=f"key-{number:08}") as step:
                    outcomes.append(step.outcome)
                    if step.response is None:
                        step.complete(201, body=str(number).encode())
                    else:
                        assert step.response.body == str(number).encode()
            except InProgress:
                outcomes.append("in_progress")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 160
    assert outcomes.count("execute") == 20


def test_without_a_policy_for_it_the_call_says_so() -> None:
    for policy in ("version = 1\n[store]\ndefault = 'memory:'", "version = 1\n[idempotency]"):
        with Gate.from_policy(policy) as gate, pytest.raises(errors.ConfigError):
            begin(gate)


def test_events_are_seen(gate: Gate) -> None:
    seen: list[tuple[str, str]] = []
    gate.on_event(lambda event: seen.append((event.kind, event.outcome)))
    begin(gate).complete(201)
    begin(gate)
    assert seen == [("idempotency_begun", "execute"), ("idempotency_begun", "replay")]
