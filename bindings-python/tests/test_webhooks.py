"""Webhooks: the bytes, the headers, the claims."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

import pytest
from starlette.datastructures import Headers

from conftest import NOW
from gatewright import Gate, Verified, testing
from gatewright.errors import BodyTooLarge, InProgress, InvalidArgument, Replayed, WebhookError

BODY = b'{"deviceId":"p-17","state":"occupied"}'
Pairs = list[tuple[str, str]]


@pytest.fixture
def headers(gate: Gate) -> Pairs:
    return gate.webhooks.sign("parking", BODY)


def test_what_is_signed_is_checked(gate: Gate, headers: Pairs) -> None:
    assert [name for name, _ in headers] == ["X-Chirpstack-Signature", "X-Timestamp", "X-Nonce"] or len(headers) == 3
    checked = gate.webhooks.check("parking", headers, BODY)
    assert (checked.key_id, checked.timestamp, checked.id) == ("a", NOW, None)
    assert checked.nonce == dict(headers)["X-Nonce"]
    assert gate.webhooks.check("parking", headers, BODY).nonce == checked.nonce


def test_a_given_nonce_or_id_is_used(gate: Gate) -> None:
    assert ("X-Nonce", "n-0001") in gate.webhooks.sign("parking", BODY, nonce="n-0001")
    signed = gate.webhooks.sign("std", BODY, id="msg_1")
    assert gate.webhooks.check("std", signed, BODY).id == "msg_1"
    with pytest.raises(InvalidArgument):
        gate.webhooks.sign("parking", BODY, id="msg_1")


class OnlyMapping(Mapping[str, str]):
    """A mapping that is no dict."""

    def __init__(self, pairs: Pairs) -> None:
        self._members = dict(pairs)

    def __getitem__(self, name: str) -> str:
        return self._members[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)


class OnlyItems:
    """As werkzeug, aiohttp and `email.message` have it: `items()` repeats a name."""

    def __init__(self, pairs: Pairs) -> None:
        self._pairs = pairs

    def items(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)


FORMS: list[Callable[[Pairs], Any]] = [
    dict,
    list,
    tuple,
    iter,
    OnlyMapping,
    OnlyItems,
    lambda pairs: Headers(dict(pairs)),
    lambda pairs: [list(pair) for pair in pairs],
    lambda pairs: [(name.upper().encode(), value.encode()) for name, value in pairs],
    lambda pairs: {name.lower().encode(): value.encode() for name, value in pairs},
    lambda pairs: {name: [value] for name, value in pairs},
    lambda pairs: Headers(raw=[(name.lower().encode(), value.encode()) for name, value in pairs]),
    lambda pairs: [(name, bytearray(value.encode())) for name, value in pairs],
]


@pytest.mark.parametrize("form", FORMS)
def test_headers_come_in_any_form(gate: Gate, headers: Pairs, form: Callable[[Pairs], Any]) -> None:
    assert gate.webhooks.check("parking", form(headers), BODY).key_id == "a"


def test_headers_that_the_scheme_does_not_read_are_passed_over(gate: Gate, headers: Pairs) -> None:
    more: list[tuple[Any, Any]] = [*headers, ("Content-Length", 2), ("Cookie", "a"), ("Cookie", "b"), (b"\xff", None)]
    assert gate.webhooks.check("parking", more, BODY).key_id == "a"


@pytest.mark.parametrize(
    "twice",
    [
        lambda pairs: [*pairs, pairs[0]],
        lambda pairs: OnlyItems([*pairs, pairs[0]]),
        lambda pairs: Headers(raw=[(name.lower().encode(), value.encode()) for name, value in [*pairs, pairs[0]]]),
        lambda pairs: {name: [value, value] for name, value in pairs},
        lambda pairs: {**dict(pairs), pairs[0][0].upper(): pairs[0][1]},
    ],
)
def test_a_header_that_came_twice_is_not_lost(gate: Gate, headers: Pairs, twice: Callable[[Pairs], Any]) -> None:
    with pytest.raises(WebhookError) as refused:
        gate.webhooks.check("parking", twice(headers), BODY)
    assert refused.value.code == "header_duplicate"


@pytest.mark.parametrize("body", [BODY, bytearray(BODY), memoryview(BODY), memoryview(BODY + b"xx")[:-2]])
def test_a_body_is_any_buffer(gate: Gate, headers: Pairs, body: Any) -> None:
    assert gate.webhooks.check("parking", headers, body).key_id == "a"


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"\xef\xbb\xbf{}", bytes(range(256)) * 17])
def test_a_body_is_compared_byte_by_byte(gate: Gate, body: bytes) -> None:
    signed = gate.webhooks.sign("parking", body)
    gate.webhooks.check("parking", signed, body)
    # What decoding and encoding again would hide: another byte that is no UTF-8, a byte order mark.
    for other in (
        b"\xfe" + body[1:],
        body.removeprefix(b"\xef\xbb\xbf") + b"\n",
        body.decode(errors="replace").encode() + b" ",
    ):
        with pytest.raises(WebhookError) as refused:
            gate.webhooks.check("parking", signed, other)
        assert refused.value.code == "signature_mismatch"


def test_a_large_body_is_checked_as_a_small_one_is(gate: Gate) -> None:
    body = bytes(1_000_000)
    signed = gate.webhooks.sign("parking", body)
    assert gate.webhooks.check("parking", signed, body).key_id == "a"
    with pytest.raises(WebhookError) as refused:
        gate.webhooks.check("parking", signed, body[:-1] + b"x")
    assert refused.value.code == "signature_mismatch"
    with pytest.raises(BodyTooLarge) as too_large:
        gate.webhooks.check("parking", signed, bytes(1024 * 1024 + 1))
    assert (too_large.value.code, too_large.value.status) == ("body_too_large", 413)


def test_a_sender_with_a_wrong_clock_learns_the_time(gate: Gate, headers: Pairs, clock: testing.ManualClock) -> None:
    clock.advance(timedelta(seconds=300, microseconds=1))
    with pytest.raises(WebhookError) as refused:
        gate.webhooks.check("parking", headers, BODY)
    error = refused.value
    assert (error.code, error.advice) == ("timestamp_too_old", "re_sign")
    assert error.server_time_ms == clock.micros // 1000


def test_leaving_the_block_commits(gate: Gate, headers: Pairs) -> None:
    with gate.webhooks.verify("parking", headers, BODY, context={"request_id": "r"}) as message:
        assert (message.key_id, message.timestamp, message.duplicate) == ("a", NOW, False)
        with pytest.raises(InProgress) as held:
            gate.webhooks.verify("parking", headers, BODY)
        assert (held.value.retryable, held.value.status) == (True, 409)
        assert held.value.retry_after == timedelta(seconds=30)
    with pytest.raises(Replayed) as replayed:
        gate.webhooks.verify("parking", headers, BODY)
    assert (replayed.value.status, replayed.value.retryable) == (409, False)


def test_an_exception_releases_and_goes_on_its_way(gate: Gate, headers: Pairs) -> None:
    with pytest.raises(ZeroDivisionError), gate.webhooks.verify("parking", headers, BODY):
        raise ZeroDivisionError
    gate.webhooks.verify("parking", headers, BODY).commit()


def test_commit_and_release_by_hand(gate: Gate, headers: Pairs) -> None:
    gate.webhooks.verify("parking", headers, BODY).release()
    gate.webhooks.verify("parking", headers, BODY).commit()
    with pytest.raises(Replayed):
        gate.webhooks.verify("parking", headers, BODY)


def test_released_by_hand_in_a_block_stays_released(gate: Gate, headers: Pairs) -> None:
    with gate.webhooks.verify("parking", headers, BODY) as message:
        message.release()
    gate.webhooks.verify("parking", headers, BODY).commit()


def test_a_dropped_message_is_released(gate: Gate, headers: Pairs, clock: testing.ManualClock) -> None:
    gate.webhooks.verify("parking", headers, BODY)
    # Best effort; the hold bounds it.
    clock.advance(timedelta(seconds=30))
    gate.webhooks.verify("parking", headers, BODY).commit()


def test_run_gives_what_the_handler_gives(gate: Gate, headers: Pairs) -> None:
    def fail(_: Verified) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        gate.webhooks.run("parking", headers, BODY, fail)
    assert gate.webhooks.run("parking", headers, BODY, lambda message: message.key_id) == "a"
    with pytest.raises(Replayed):
        gate.webhooks.run("parking", headers, BODY, lambda message: message.key_id)


def test_an_id_seen_before_is_a_duplicate_and_no_error(gate: Gate) -> None:
    signed = gate.webhooks.sign("std", BODY, id="msg_7")
    with gate.webhooks.verify("std", signed, BODY) as message:
        assert not message.duplicate
    with gate.webhooks.verify("std", signed, BODY) as message:
        assert (message.duplicate, message.id) == (True, "msg_7")


def test_an_endpoint_must_be_named_in_the_policy(gate: Gate, headers: Pairs) -> None:
    with pytest.raises(InvalidArgument):
        gate.webhooks.check("nobody", headers, BODY)
