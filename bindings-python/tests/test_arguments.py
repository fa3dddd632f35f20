"""Whatever is given, the answer is an error of the library: never a TypeError from inside, never a crash."""

from __future__ import annotations

import base64
import enum
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conftest import NOW, POLICY
from gatewright import Gate, GatewrightError, errors, testing
from gatewright.errors import InvalidArgument

WRONG: list[Any] = [
    None,
    1,
    1.5,
    True,
    b"bytes",
    [],
    {},
    object(),
    Ellipsis,
    lambda *_: None,
    str,
    ["a"],
    {"a": 1},
    "\ud800",
]
NO_TEXT = [value for value in WRONG if not isinstance(value, str)]


@pytest.fixture(scope="module")
def still() -> Gate:
    return testing.from_policy(POLICY, clock=testing.ManualClock(NOW), environment={})


def calls(gate: Gate) -> dict[str, Callable[[Any], object]]:
    """Every place where a value of any type may be given."""
    pair = gate.tokens.issue(subject="u", client="web")
    tokens, sessions, epochs, webhooks = gate.tokens, gate.sessions, gate.epochs, gate.webhooks
    return {
        "issue.subject": lambda it: tokens.issue(subject=it, client="web"),
        "issue.client": lambda it: tokens.issue(subject="u", client=it),
        "issue.tenant": lambda it: tokens.issue(subject="u", client="web", tenant=it),
        "issue.roles": lambda it: tokens.issue(subject="u", client="web", roles=it),
        "issue.scope": lambda it: tokens.issue(subject="u", client="web", scope=it),
        "issue.device": lambda it: tokens.issue(subject="u", client="web", device=it),
        "issue.claims": lambda it: tokens.issue(subject="u", client="web", claims=it),
        "issue.claims.x": lambda it: tokens.issue(subject="u", client="web", claims={"x": it}),
        "issue.auth_time": lambda it: tokens.issue(subject="u", client="web", auth_time=it),
        "issue.amr": lambda it: tokens.issue(subject="u", client="web", amr=it),
        "issue.dpop_jkt": lambda it: tokens.issue(subject="u", client="web", dpop_jkt=it),
        "issue.context": lambda it: tokens.issue(subject="u", client="web", context=it),
        "issue.context.ip": lambda it: tokens.issue(subject="u", client="web", context={"ip": it}),
        "refresh.token": lambda it: tokens.refresh(it),
        "refresh.retry_key": lambda it: tokens.refresh(pair.refresh_token, retry_key=it),
        "refresh.dpop": lambda it: tokens.refresh(pair.refresh_token, dpop=it),
        "refresh.client": lambda it: tokens.refresh(pair.refresh_token, client=it),
        "refresh.tenant": lambda it: tokens.refresh(pair.refresh_token, tenant=it),
        "refresh.device_id": lambda it: tokens.refresh(pair.refresh_token, device_id=it),
        "refresh_access_only.token": lambda it: tokens.refresh_access_only(it),
        "verify.access": lambda it: tokens.verify(it),
        "verify.issuer": lambda it: tokens.verify(pair.access_token, it),
        "verify.dpop": lambda it: tokens.verify(pair.access_token, dpop=it),
        "verify_fresh.access": lambda it: tokens.verify_fresh(it),
        "confirm.access": lambda it: tokens.confirm(it),
        "revoke.token": lambda it: tokens.revoke(it),
        "sessions.revoke.session_id": lambda it: sessions.revoke("", "u", it),
        "sessions.revoke_others.keep": lambda it: sessions.revoke_others("", "u", keep=it),
        "sessions.revoke_all.tenant": lambda it: sessions.revoke_all(it, "nobody"),
        "epochs.bump_subject.subject": lambda it: epochs.bump_subject("", it, "test"),
        "epochs.bump_tenant.reason": lambda it: epochs.bump_tenant("nobody", it),
        "epochs.bump_all.reason": lambda it: epochs.bump_all(it),
        "sign.endpoint": lambda it: webhooks.sign(it, b""),
        "sign.body": lambda it: webhooks.sign("parking", it),
        "sign.nonce": lambda it: webhooks.sign("parking", b"", nonce=it),
        "sign.request": lambda it: webhooks.sign("parking", b"", request=it),
        "check.headers": lambda it: webhooks.check("parking", it, b""),
        "check.headers.value": lambda it: webhooks.check("parking", {"X-Nonce": it}, b""),
        "check.headers.pair": lambda it: webhooks.check("parking", [it], b""),
        "check.body": lambda it: webhooks.check("parking", {}, it),
        "verify.headers": lambda it: webhooks.verify("parking", it, b""),
        "run.handle": lambda it: webhooks.run("parking", {}, b"", it),
        "on_event": lambda it: gate.on_event(it),
        "open": Gate.open,
        "from_policy": Gate.from_policy,
        "from_policy.store": lambda it: Gate.from_policy({"version": 1, "store": it}),
        "testing.policy": lambda it: testing.from_policy(it),
        "testing.seed": lambda it: testing.from_policy(POLICY, seed=it),
        "testing.environment": lambda it: testing.from_policy(POLICY, environment=it),
    }


@pytest.mark.parametrize("place", list(calls(testing.from_policy(POLICY, environment={}))))
def test_a_wrong_type_is_an_error_of_the_library(still: Gate, place: str) -> None:
    call = calls(still)[place]
    for value in WRONG:
        try:
            call(value)
        except GatewrightError as error:
            assert error.code != "internal", (place, value, error)


TEXT_PLACES = [
    "issue.subject",
    "issue.client",
    "refresh.token",
    "refresh_access_only.token",
    "verify.access",
    "verify_fresh.access",
    "confirm.access",
    "revoke.token",
    "sessions.revoke.session_id",
    "sessions.revoke_others.keep",
    "sessions.revoke_all.tenant",
    "epochs.bump_subject.subject",
    "epochs.bump_tenant.reason",
    "epochs.bump_all.reason",
    "sign.endpoint",
]


@pytest.mark.parametrize("place", TEXT_PLACES)
def test_a_text_is_a_str_and_nothing_else(still: Gate, place: str) -> None:
    for value in NO_TEXT:
        with pytest.raises(InvalidArgument):
            calls(still)[place](value)


@pytest.mark.parametrize("place", ["sign.body", "check.body", "refresh.retry_key"])
def test_bytes_are_never_a_str(still: Gate, place: str) -> None:
    with pytest.raises(InvalidArgument, match="not a str"):
        calls(still)[place]("text")


@pytest.mark.parametrize("place", ["issue.roles", "issue.amr"])
def test_one_text_is_no_list_of_texts(still: Gate, place: str) -> None:
    with pytest.raises(InvalidArgument, match="list of str"):
        calls(still)[place]("admin")


class Nowhere(tzinfo):
    """A zone that fails."""

    def utcoffset(self, _: datetime | None) -> None:
        raise ZeroDivisionError

    dst = utcoffset

    def tzname(self, _: datetime | None) -> str:
        return "nowhere"


@pytest.mark.parametrize(
    "when", [datetime(2026, 11, 21), "2026-11-21T08:00:00Z", 1_795_248_000, datetime(2026, 1, 1, tzinfo=Nowhere())]
)
def test_a_datetime_says_its_zone(still: Gate, when: Any) -> None:
    with pytest.raises(InvalidArgument, match="aware datetime"):
        still.tokens.issue(subject="u", client="web", auth_time=when)


def test_a_clock_says_its_zone_too() -> None:
    with pytest.raises(InvalidArgument, match="aware datetime"):
        testing.ManualClock(datetime(2026, 11, 21))
    with pytest.raises(InvalidArgument):
        testing.ManualClock(2**63)


class Level(enum.IntEnum):
    LOW = 1


def _nested(depth: int) -> Any:
    return [_nested(depth - 1)] if depth else "end"


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, -math.inf, {1: "a"}, {"a", "b"}, b"x", object(), NOW, _nested(40), 10**5000, "\ud800"],
    ids=lambda value: type(value).__name__,
)
def test_claims_are_json(still: Gate, value: Any) -> None:
    with pytest.raises(InvalidArgument):
        still.tokens.issue(subject="u", client="web", claims={"x": value})


def test_a_loop_in_claims_has_an_end(still: Gate) -> None:
    loop: dict[str, Any] = {}
    loop["again"] = loop
    with pytest.raises(InvalidArgument):
        still.tokens.issue(subject="u", client="web", claims=loop)


def test_numbers_of_a_subclass_are_numbers(still: Gate) -> None:
    pair = still.tokens.issue(subject="u", client="web", claims={"level": Level.LOW})
    assert still.tokens.verify(pair.access_token).extra == {"level": 1}


def test_unknown_members_are_refused(still: Gate) -> None:
    with pytest.raises(InvalidArgument):
        still.tokens.issue(subject="u", client="web", context={"requestId": "r"})  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument):
        still.tokens.issue(subject="u", client="web", device={"id": "d", "colour": "red"})  # type: ignore[arg-type]
    with pytest.raises(InvalidArgument):
        still.tokens.issue(subject="u", client="web", device={"name": "d"})  # type: ignore[arg-type]


def test_dpop_is_refused_until_it_is_built(still: Gate) -> None:
    pair = still.tokens.issue(subject="u", client="web")
    proof = {"proof": "x", "method": "GET", "url": "https://api.example/"}
    for call in (
        lambda: still.tokens.verify(pair.access_token, dpop=proof),
        lambda: still.tokens.refresh(pair.refresh_token, dpop=proof),
        lambda: still.tokens.issue(subject="u", client="web", dpop_jkt="x" * 43),
    ):
        with pytest.raises(InvalidArgument):
            call()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda children: st.lists(children, max_size=4) | st.dictionaries(st.text(), children, max_size=4),
    max_leaves=20,
)

OWN = {"iss", "sub", "aud", "client_id", "iat", "exp", "jti", "sid", "gen", "tv", "tenant", "roles", "scope", "cnf"}


@given(
    claims=st.dictionaries(
        st.text().filter(lambda name: name not in OWN | {"nbf", "auth_time", "amr"}), json_values, max_size=4
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_claims_come_back_as_they_were_given(still: Gate, claims: dict[str, Any]) -> None:
    try:
        pair = still.tokens.issue(subject="u", client="web", claims=claims)
    except InvalidArgument:
        # Too deep or too long for a token.
        return
    # A token holds numbers as RFC 8785 writes them: by value, so that 1e16 comes back as an int.
    assert doubles(still.tokens.verify(pair.access_token).extra) == doubles(claims)


def doubles(value: Any) -> Any:
    """The same data with every number as the double that it stands for."""
    if isinstance(value, dict):
        return {name: doubles(member) for name, member in value.items()}
    if isinstance(value, list):
        return [doubles(item) for item in value]
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


@given(claims=st.dictionaries(st.sampled_from(["plan", "néw", "a b", "\U0001f33e"]), json_values, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
def test_claims_are_the_data_that_json_loads_makes(still: Gate, claims: dict[str, Any]) -> None:
    try:
        pair = still.tokens.issue(subject="u", client="web", roles=["a"], claims=claims)
    except InvalidArgument:
        # Too deep or too long for a token.
        return
    payload = pair.access_token.split(".")[1]
    text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    # Compared as text, for 1 == 1.0 == True.
    assert repr(still.tokens.verify(pair.access_token).as_dict()) == repr(json.loads(text))


@given(token=st.text(max_size=300))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_no_text_gets_past_verify(still: Gate, token: str) -> None:
    with pytest.raises(errors.TokenError):
        still.tokens.verify(token)


anything = st.none() | st.integers() | st.floats() | st.text(max_size=40) | st.binary(max_size=40)


@given(
    headers=st.lists(
        st.tuples(st.sampled_from(["X-Nonce", "X-Timestamp", "X-Chirpstack-Signature", "Other"]), anything)
    ),
    body=anything,
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_hostile_headers_are_refused_with_a_code(still: Gate, headers: Any, body: Any) -> None:
    with pytest.raises((errors.WebhookError, InvalidArgument)):
        still.webhooks.check("parking", headers, body)


def test_a_file_that_is_not_there_is_a_problem_of_the_policy(tmp_path: Any) -> None:
    for path in (tmp_path / "nothing.toml", tmp_path):
        with pytest.raises(errors.ConfigError):
            Gate.open(path)
    with pytest.raises(GatewrightError):
        Gate.open("\0")


def test_far_instants_are_the_last_that_can_be_said(still: Gate) -> None:
    far = datetime.max.replace(tzinfo=UTC)
    try:
        pair = still.tokens.issue(subject="u", client="web", auth_time=far)
    except GatewrightError:
        return
    assert still.tokens.verify(pair.access_token).auth_time == far.replace(microsecond=0)
