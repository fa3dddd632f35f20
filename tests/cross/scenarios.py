"""What one language does and another answers. A scenario takes both workers and raises `Differs` where the answer is another."""

import itertools
import secrets
from collections.abc import Callable

from workers import Reply, Worker, at_once, verdict

ENDPOINTS = ("parking", "edge", "standard")
BODY = '{"deviceId": "p-17", "fee": "2 €"}'

subjects = (f"u-{number}" for number in itertools.count(1))


class Differs(Exception):
    """The answer is not the one that it has to be."""


def wants(what: str, got: object, expected: object) -> None:
    """Demand that an answer is as expected."""
    if got != expected:
        raise Differs(f"{what}: {got}, expected {expected}")


def login(worker: Worker, subject: str | None = None) -> Reply:
    """A session, of a subject of its own unless one is named."""
    pair = worker.ask("issue", tenant="acme", subject=subject or next(subjects), client="app")
    wants("issue", outcome(pair), "issued")
    return pair


def outcome(reply: Reply) -> str:
    """What came of an issue or a refresh."""
    return verdict(reply, reply.get("outcome", ""))


def rotate(worker: Worker, token: str, expected: str = "rotated", **arguments: str) -> Reply:
    """A refresh that succeeds."""
    pair = worker.ask("refresh", token=token, **arguments)
    wants("refresh", outcome(pair), expected)
    return pair


def signed(worker: Worker, endpoint: str) -> dict[str, object]:
    """A message to an endpoint, with its headers."""
    reply = worker.ask("sign", endpoint=endpoint, body=BODY)
    wants("sign", verdict(reply, "signed"), "signed")
    return {"endpoint": endpoint, "headers": reply["headers"], "body": BODY}


def together(a: Worker, b: Worker, request: dict[str, object]) -> list[Reply]:
    """Ask two for the same at the same moment; one worker by itself is asked twice in a row."""
    if a is b:
        return [a.ask(**request), a.ask(**request)]
    replies, _ = at_once({a: request, b: request})
    return list(replies.values())


def issued(a: Worker, b: Worker) -> None:
    """A issues; B verifies both ways, refreshes, and A verifies what B gave."""
    pair = login(a)
    for call in ("verify", "verify_fresh"):
        wants(call, b.ask(call, access=pair["access_token"]).get("gen"), 0)
    after = rotate(b, pair["refresh_token"])
    wants("verify", a.ask("verify", access=after["access_token"]).get("gen"), 1)


def rotated(a: Worker, b: Worker) -> None:
    """A rotates, with and without a retry key; B asks again within the window and is given the same token, byte for byte."""
    first = login(a)
    second = rotate(a, first["refresh_token"])
    again = rotate(b, first["refresh_token"], "retry_concurrent")
    wants("the same successor", again["refresh_token"] == second["refresh_token"], True)
    key = secrets.token_hex(16)
    third = rotate(a, second["refresh_token"], retry_key=key)
    again = rotate(b, second["refresh_token"], "retry_concurrent", retry_key=key)
    wants("the same successor", again["refresh_token"] == third["refresh_token"], True)


def raced(a: Worker, b: Worker) -> None:
    """A and B present the same token at once: one rotates, both are given the same successor, which goes on living."""
    request = {"call": "refresh", "token": login(a)["refresh_token"]}
    replies = together(a, b, request)
    wants("outcomes", sorted(map(outcome, replies)), ["retry_concurrent", "rotated"])
    wants("successors", len({reply["refresh_token"] for reply in replies}), 1)
    rotate(b, replies[0]["refresh_token"])


def revoked(a: Worker, b: Worker) -> None:
    """A logs out; B refuses the refresh token, and the access token once it has asked the store."""
    pair = login(a)
    wants("revoke", a.ask("revoke", token=pair["refresh_token"]), {})
    wants("refresh", outcome(b.ask("refresh", token=pair["refresh_token"])), "revoked (logged_out)")
    wants("verify_fresh", verdict(b.ask("verify_fresh", access=pair["access_token"]), "valid"), "jwt_revoked")


def reused(a: Worker, b: Worker) -> None:
    """A is shown a token two generations old; B finds the family dead."""
    first = login(a)
    second = rotate(a, first["refresh_token"])
    third = rotate(b, second["refresh_token"])
    wants("the old token", outcome(a.ask("refresh", token=first["refresh_token"])), "reuse")
    for token in (first["refresh_token"], third["refresh_token"]):
        wants("refresh", outcome(b.ask("refresh", token=token)), "revoked (reuse)")
    wants("verify_fresh", verdict(b.ask("verify_fresh", access=third["access_token"]), "valid"), "jwt_revoked")


def bumped(a: Worker, b: Worker) -> None:
    """A bumps the subject's epoch; B refuses what is older, and lets a new login in."""
    subject = next(subjects)
    pair = login(a, subject)
    bump = a.ask("bump_subject", tenant="acme", subject=subject, reason="password changed")
    wants("version", bump.get("version", 0) > 0, True)
    wants("verify_fresh", verdict(b.ask("verify_fresh", access=pair["access_token"]), "valid"), "jwt_revoked")
    wants("refresh", outcome(b.ask("refresh", token=pair["refresh_token"])), "version_too_old")
    rotate(b, login(a, subject)["refresh_token"])


def checked(a: Worker, b: Worker) -> None:
    """A signs by each scheme; B checks, twice, and refuses another body."""
    for endpoint in ENDPOINTS:
        message = signed(a, endpoint)
        for _ in range(2):
            wants(endpoint, b.ask("check", **message), {"key_id": "current"})
        tampered = message | {"body": BODY.replace("17", "18")}
        wants(f"{endpoint}, tampered", verdict(b.ask("check", **tampered), "valid"), "signature_mismatch")


def claimed(a: Worker, b: Worker) -> None:
    """A verifies and commits; B is told that it is a replay, or a duplicate where ids may come again."""
    for endpoint, replay in (("parking", "replayed"), ("edge", "replayed"), ("standard", {"duplicate": True})):
        message = signed(b, endpoint)
        wants(endpoint, a.ask("deliver", **message), {"duplicate": False})
        reply = b.ask("deliver", **message)
        wants(f"{endpoint}, again", reply.get("error", reply), replay)


def delivered(a: Worker, b: Worker) -> None:
    """A and B are given the same message at once: it is used once."""
    request = {"call": "deliver", **signed(a, "parking")}
    replies = together(a, b, request)
    used = [reply for reply in replies if reply == {"duplicate": False}]
    refused = [reply.get("error") for reply in replies if reply not in used]
    wants("deliveries that used it", len(used), 1)
    wants("the other", refused[0] in {"replayed", "in_progress"}, True)


SCENARIOS: dict[str, Callable[[Worker, Worker], None]] = {
    "A issues, B verifies and refreshes": issued,
    "A rotates, B retries: the same token": rotated,
    "A and B refresh one token at once": raced,
    "A revokes, B sees revoked": revoked,
    "A detects reuse, B sees revoked": reused,
    "A bumps the epoch, B: version_too_old": bumped,
    "A signs a webhook, B checks": checked,
    "A commits a webhook, B: replayed": claimed,
    "A and B receive one webhook at once": delivered,
}
