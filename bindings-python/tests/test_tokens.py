"""Sessions, from login to theft."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from conftest import NOW, POLICY, policy_for
from gatewright import Gate, testing
from gatewright.errors import (
    Closed,
    ConfigError,
    InvalidArgument,
    RefreshError,
    ReuseDetected,
    SessionError,
    TokenError,
    TokenExpired,
)


def test_a_login_gives_a_pair_whose_access_token_verifies(gate: Gate) -> None:
    pair = gate.tokens.issue(
        tenant="acme",
        subject="u-42",
        client="web",
        roles=["operator", "viewer"],
        scope="read write",
        device={"id": "d-1", "name": "Ann's laptop"},
        claims={"plan": "gold", "limits": [1, 2.5, None, True], "néw": {"x": '\x1f"\\'}},
        auth_time=datetime(2026, 11, 21, 9, 59, 58, 900_000, tzinfo=timezone(timedelta(hours=2))),
        amr=("pwd", "otp"),
        context={"request_id": "r-1", "ip": "192.0.2.1", "user_agent": None},
    )
    assert (pair.token_type, pair.expires_in, pair.outcome) == ("bearer", 900, "issued")
    assert pair.server_time_ms == NOW.timestamp() * 1000

    claims = gate.tokens.verify(pair.access_token)
    assert claims.issuer == "https://auth.example"
    assert claims.subject == "u-42"
    assert claims.audience == ("api",)
    assert claims.client_id == "web"
    assert claims.tenant == "acme"
    assert claims.roles == ("operator", "viewer")
    assert claims.scope == "read write"
    assert claims.session_id == pair.session_id
    assert claims.gen == 0
    assert claims.token_version == (0, 0, 0)
    assert claims.issued_at == NOW
    assert claims.not_before is None
    assert claims.expires_at == NOW + timedelta(minutes=15)
    assert claims.expires_at.tzinfo is UTC
    assert claims.confirmation is None
    assert claims.auth_time == NOW.replace(hour=7, minute=59, second=58)
    assert claims.amr == ("pwd", "otp")
    assert claims.extra == {"plan": "gold", "limits": [1, 2.5, None, True], "néw": {"x": '\x1f"\\'}}
    assert claims.view_age == timedelta(0)
    wire = claims.as_dict()
    assert wire["sub"] == "u-42"
    assert wire["jti"] == claims.jwt_id
    assert "u-42" in repr(claims)


def test_absent_claims_are_empty_texts_and_none(gate: Gate) -> None:
    claims = gate.tokens.verify(gate.tokens.issue(subject="u", client="web").access_token)
    assert (claims.tenant, claims.roles, claims.scope, claims.amr, claims.extra) == ("", (), "", (), {})
    assert claims.auth_time is None


def test_refresh_rotates_and_a_second_holder_gets_the_same_answer(gate: Gate, clock: testing.ManualClock) -> None:
    first = gate.tokens.issue(subject="u-42", client="web")
    clock.advance(timedelta(minutes=10))
    testing.refresh_view(gate)
    second = gate.tokens.refresh(first.refresh_token)
    assert second.outcome == "rotated"
    assert gate.tokens.verify(second.access_token).gen == 1
    clock.advance(timedelta(seconds=15))
    again = gate.tokens.refresh(first.refresh_token)
    assert (again.outcome, again.refresh_token) == ("retry_concurrent", second.refresh_token)


def test_an_old_token_is_reuse_and_ends_the_session(gate: Gate, clock: testing.ManualClock) -> None:
    first = gate.tokens.issue(subject="u-42", client="web")
    second = gate.tokens.refresh(first.refresh_token)
    clock.advance(timedelta(minutes=1))
    with pytest.raises(ReuseDetected) as reuse:
        gate.tokens.refresh(first.refresh_token)
    error = reuse.value
    assert (error.code, error.status, error.public_code) == ("reuse", 401, "invalid_grant")
    assert (error.retryable, error.advice, error.clear_cookies) == (False, "log_in", True)
    with pytest.raises(RefreshError) as revoked:
        gate.tokens.refresh(second.refresh_token)
    assert (revoked.value.code, revoked.value.reason) == ("revoked", "reuse")
    testing.refresh_view(gate)
    with pytest.raises(TokenError) as dead:
        gate.tokens.verify(second.access_token)
    assert (dead.value.code, dead.value.public_code) == ("jwt_revoked", "token_invalid")


def test_a_lost_answer_is_given_again_for_its_retry_key(gate: Gate, clock: testing.ManualClock) -> None:
    first = gate.tokens.issue(subject="u-42", client="tablet")
    key = bytes(range(16))
    second = gate.tokens.refresh(first.refresh_token, retry_key=key)
    clock.advance(timedelta(hours=1))
    testing.refresh_view(gate)
    again = gate.tokens.refresh(first.refresh_token, retry_key=bytearray(key))
    assert (again.outcome, again.refresh_token) == ("retry_lost", second.refresh_token)
    gate.tokens.confirm(again.access_token)
    # Copies of the request may still be under way for two minutes.
    clock.advance(timedelta(minutes=2))
    testing.refresh_view(gate)
    assert gate.tokens.refresh(first.refresh_token, retry_key=key).outcome == "retry_lost"
    clock.advance(timedelta(microseconds=1))
    with pytest.raises(ReuseDetected):
        gate.tokens.refresh(first.refresh_token, retry_key=memoryview(key))


@pytest.mark.parametrize("key", [b"", b"15 bytes are few", b"x" * 17])
def test_a_retry_key_has_sixteen_bytes(gate: Gate, key: bytes) -> None:
    pair = gate.tokens.issue(subject="u-42", client="web")
    if len(key) == 16:
        gate.tokens.refresh(pair.refresh_token, retry_key=key)
        return
    with pytest.raises(InvalidArgument):
        gate.tokens.refresh(pair.refresh_token, retry_key=key)


def test_access_only_changes_nothing(gate: Gate) -> None:
    pair = gate.tokens.issue(subject="job", client="batch")
    only = gate.tokens.refresh_access_only(pair.refresh_token)
    assert (only.outcome, only.refresh_token) == ("access_only", "")
    assert gate.tokens.verify(only.access_token).gen == 0
    with pytest.raises(RefreshError) as refused:
        gate.tokens.refresh_access_only(gate.tokens.issue(subject="u", client="web").refresh_token)
    assert (refused.value.code, refused.value.clear_cookies) == ("binding_mismatch", False)


def test_log_out_ends_the_session(gate: Gate) -> None:
    pair = gate.tokens.issue(subject="u-42", client="web")
    assert gate.tokens.verify_fresh(pair.access_token).subject == "u-42"
    gate.tokens.revoke(pair.refresh_token, context={"request_id": "r-2"})
    with pytest.raises(TokenError, match="revoked"):
        gate.tokens.verify_fresh(pair.access_token)
    with pytest.raises(RefreshError) as revoked:
        gate.tokens.refresh(pair.refresh_token)
    assert revoked.value.reason == "logged_out"


def test_sessions_are_ended_one_by_one_all_but_one_and_all(gate: Gate) -> None:
    pairs = [gate.tokens.issue(tenant="acme", subject="u-42", client="web") for _ in range(4)]
    gate.sessions.revoke("acme", "u-42", pairs[0].session_id)
    gate.sessions.revoke("acme", "u-42", pairs[0].session_id)
    assert gate.sessions.revoke_others("acme", "u-42", keep=pairs[1].session_id) == 2
    gate.tokens.refresh(pairs[1].refresh_token)
    assert gate.sessions.revoke_all("acme", "u-42") == 1
    for pair in pairs:
        with pytest.raises(RefreshError):
            gate.tokens.refresh(pair.refresh_token)
    with pytest.raises(SessionError) as missing:
        gate.sessions.revoke("acme", "someone else", pairs[0].session_id)
    assert (missing.value.code, missing.value.status) == ("session_not_found", 404)


def test_epochs_end_everything_below_them(gate: Gate) -> None:
    # A first bump gives the store's clock in µs, or one more than the version before where that is higher.
    version = int(NOW.timestamp() * 1_000_000)

    def dead(pair: Any) -> str:
        with pytest.raises(RefreshError) as refused:
            gate.tokens.refresh(pair.refresh_token)
        return refused.value.code

    pair = gate.tokens.issue(tenant="acme", subject="u-42", client="web")
    other = gate.tokens.issue(tenant="acme", subject="u-43", client="web")
    assert gate.epochs.bump_subject("acme", "u-42", "lost phone") == version
    assert dead(pair) == "version_too_old"
    assert gate.epochs.bump_subject("acme", "u-42", "again") == version + 1
    gate.tokens.refresh(other.refresh_token)
    assert gate.epochs.bump_tenant("acme", "breach") == version
    assert dead(other) == "version_too_old"
    third = gate.tokens.issue(subject="u-1", client="web")
    assert gate.epochs.bump_all("breach", context={"request_id": "r-3"}) == version
    assert dead(third) == "version_too_old"


def test_an_expired_token_says_so_with_its_own_class(gate: Gate, clock: testing.ManualClock) -> None:
    pair = gate.tokens.issue(subject="u-42", client="web")
    clock.advance(timedelta(minutes=15, seconds=30))
    testing.refresh_view(gate)
    with pytest.raises(TokenExpired) as expired:
        gate.tokens.verify(pair.access_token)
    assert (expired.value.public_code, expired.value.advice) == ("token_expired", "refresh")


@pytest.mark.parametrize("token", ["", ".", "..", "a.b.c", "\ud800", "é" * 100, "x" * 10_000])
def test_garbage_is_refused_with_a_code(gate: Gate, token: str) -> None:
    with pytest.raises(TokenError) as access:
        gate.tokens.verify(token)
    assert access.value.public_code == "token_invalid"
    with pytest.raises(RefreshError) as refresh:
        gate.tokens.refresh(token)
    assert refresh.value.code == "malformed"


def test_a_foreign_issuer_must_be_named_in_the_policy(gate: Gate) -> None:
    with pytest.raises(InvalidArgument):
        gate.tokens.verify("a.b.c", issuer="farmiq")
    with pytest.raises(TokenError):
        gate.tokens.verify("a.b.c", issuer="own")


def test_a_closed_gate_says_so_and_closes_again(policy: dict[str, Any]) -> None:
    gate = Gate.from_policy(policy)
    pair = gate.tokens.issue(subject="u", client="web")
    gate.close()
    gate.close()
    for call in (
        lambda: gate.tokens.verify(pair.access_token),
        lambda: gate.tokens.refresh(pair.refresh_token),
        lambda: gate.webhooks.sign("parking", b""),
        gate.health,
        gate.sweep,
    ):
        with pytest.raises(Closed):
            call()


def test_reopen_keeps_store_clock_and_randomness(gate: Gate, policy: dict[str, Any]) -> None:
    pair = gate.tokens.issue(subject="u-42", client="web")
    changed = {**policy, "tokens": {**policy["tokens"], "access_ttl": "5m"}}
    with testing.reopen(gate, changed) as again:
        assert again.tokens.refresh(pair.refresh_token).expires_in == 300
        gate.health()


def test_the_same_seed_gives_the_same_tokens() -> None:
    def first() -> str:
        with testing.from_policy(POLICY, clock=testing.ManualClock(NOW), seed=b"\x00") as gate:
            return gate.tokens.issue(subject="u-42", client="web").refresh_token

    assert first() == first()


def test_sweep_counts_what_it_removes(gate: Gate, clock: testing.ManualClock) -> None:
    gate.tokens.issue(subject="u-42", client="web")
    assert gate.sweep() == 0
    clock.advance(timedelta(days=400))
    assert gate.sweep() == 1


def test_a_policy_is_a_file_a_text_or_a_mapping(tmp_path: Any) -> None:
    text = f"""
version = 1
root_keys = [{{ id = 1, secret = "{POLICY["root_keys"][0]["secret"]}", state = "active" }}]
[store]
default = "memory:"
"""
    path = tmp_path / "gatewright.toml"
    path.write_text(text)
    for gate in (
        Gate.open(path),
        Gate.open(str(path)),
        Gate.from_policy(text),
        Gate.from_policy(policy_for("memory:")),
    ):
        with gate:
            gate.health()


def test_problems_name_file_line_field_and_mend(tmp_path: Any) -> None:
    text = 'version = 1\n[store]\ndefault = "cassandra:"\n'
    path = tmp_path / "gatewright.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as of_file:
        Gate.open(path)
    with pytest.raises(ConfigError) as of_text:
        Gate.from_policy(text)
    with pytest.raises(ConfigError) as of_data:
        Gate.from_policy({"version": 1, "store": {"default": "cassandra:"}})
    (in_file,), (in_text,), (in_data,) = of_file.value.problems, of_text.value.problems, of_data.value.problems
    assert in_file.file is not None
    assert in_file.file.endswith("gatewright.toml")
    assert (in_file.line, in_file.field) == (3, "store.default")
    assert (in_text.file, in_text.line, in_text.field) == (None, 3, "store.default")
    assert (in_data.file, in_data.line, in_data.field) == (None, None, "store.default")
    assert in_file.mend
    assert "line" not in str(of_data.value)
    assert of_file.value.status == 0


def test_without_a_store_only_calls_in_memory_work() -> None:
    policy = {name: value for name, value in POLICY.items() if name != "store"}
    with Gate.from_policy(policy) as gate:
        with pytest.raises(ConfigError):
            gate.tokens.issue(subject="u", client="web")
        with pytest.raises(ConfigError):
            gate.health()
        with pytest.raises(TokenError):
            gate.tokens.verify("a.b.c")
