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


ANSWER = {
    "status": 201,
    "headers": [["Location", "/orders/17"], ["X-Bytes", "".join(map(chr, range(256)))], ["X-Twice", "a"], ["X-Twice", "b"]],
    "body": bytes(range(256)).hex(),
}
"""Every byte that there is, in a header and in the body, and a header twice."""

JCS = (
    '{"fee": 2.50, "deviceId": "p-17", "name": "\u00fc", "id": 9007199254740993}',
    '{"id":9007199254740993,"name":"\\u00FC","deviceId":"p-17","fee":25e-1}',
)
"""One order, as two serialisers write it."""


def once(worker: Worker, key: str, body: str = BODY, path: str = "/raw", answer: Reply = ANSWER, **arguments: str) -> Reply:
    """An operation that is run unless it has been: its answer."""
    return worker.ask("once", key=key, path=path, body=body, answer=answer, **arguments)


def ran(reply: Reply) -> str:
    """Whether an operation was run, or its answer replayed, or why not."""
    return verdict(reply, "run" if reply.get("ran") else "replayed")


def replay(reply: Reply, key: str, answer: Reply = ANSWER) -> None:
    """Demand a replay of an answer, byte for byte."""
    wants("the request", ran(reply), "replayed")
    for part in ("status", "body"):
        wants(part, reply[part], answer[part])
    wants("headers", reply["headers"], [*answer["headers"], ["Idempotent-Replayed", "true"], ["Idempotency-Key", key]])


def stored(a: Worker, b: Worker) -> None:
    """A runs an operation and stores its answer; B replays it byte for byte, and refuses another request of the same key."""
    key = secrets.token_hex(16)
    first = once(a, key)
    wants("the request", ran(first), "run")
    wants("what A sends", first, {"ran": True, **ANSWER})
    replay(once(b, key), key)
    replay(once(b, f'"{key}"'), f'"{key}"')
    wants("another body", ran(once(b, key, BODY + " ")), "idempotency_key_reused")
    wants("another content type", ran(once(b, key, content_type="text/plain")), "idempotency_key_reused")
    wants("another path", ran(once(b, key, path="/other")), "run")


def released(a: Worker, b: Worker) -> None:
    """A answers an error of the kind that is not stored; B runs the operation anew."""
    key = secrets.token_hex(16)
    wants("the request", ran(once(a, key, answer=ANSWER | {"status": 503})), "run")
    wants("the request", ran(once(b, key)), "run")
    replay(once(a, key), key)


def kept_out(a: Worker, b: Worker) -> None:
    """A answers more than is stored; B never runs it again."""
    key = secrets.token_hex(16)
    wants("the request", ran(once(a, key, answer=ANSWER | {"body": "00" * 1025})), "run")
    wants("the request", ran(once(b, key)), "response_unavailable")


def fingerprinted(a: Worker, b: Worker) -> None:
    """The same payload is one record: as canonical JSON however A and B write it, as bytes only if they write the same ones."""
    key, media = secrets.token_hex(16), "application/json"
    first, second = JCS
    wants("the request", ran(once(a, key, first, "/json", content_type=f"{media}; charset=utf-8")), "run")
    replay(once(b, key, second, "/json", content_type=media.upper()), key)
    wants("another order", ran(once(b, key, second.replace("93,", "92,"), "/json", content_type=media)), "idempotency_key_reused")
    wants("the request", ran(once(a, key, first, content_type=media)), "run")
    replay(once(b, key, first, content_type=media), key)
    wants("other bytes", ran(once(b, key, second, content_type=media)), "idempotency_key_reused")


def contested(a: Worker, b: Worker) -> None:
    """A and B are given one request at once: it is run once, and both have its answer in the end."""
    key = secrets.token_hex(16)
    request = {"call": "once", "key": key, "path": "/raw", "body": BODY, "answer": ANSWER}
    outcomes = sorted(map(ran, together(a, b, request)))
    wants("the requests", outcomes in (["replayed", "run"], ["in_progress", "run"]), True)
    for worker in (a, b):
        replay(once(worker, key), key)


def charge(worker: Worker, subject: str, cost: int) -> Reply:
    """A call on the limits of a subject."""
    reply = worker.ask("charge", policy="all", subject=subject, cost=cost)
    wants("charge", verdict(reply, "charged"), "charged")
    return reply


def left(units: int) -> dict[str, int]:
    """What every tier has left once so many units have been taken."""
    return {"bucket": 7 - units, "log": 6 - units, "window": 8 - units, "jobs": 9 - units}


def charged(a: Worker, b: Worker) -> None:
    """A charges; B counts it in every tier, and is refused whole where one tier has too little left."""
    subject = next(subjects)
    wants("the first", charge(a, subject, 4), {"allowed": True, "remaining": left(4)})
    wants("a look", charge(b, subject, 0), {"allowed": True, "remaining": left(4)})
    wants("too much", charge(b, subject, 3), {"allowed": False, "remaining": left(4)})
    wants("what is left", charge(b, subject, 2), {"allowed": True, "remaining": left(6)})
    wants("one more", charge(a, subject, 1), {"allowed": False, "remaining": left(6)})


def charged_at_once(a: Worker, b: Worker) -> None:
    """A and B charge at once what is there for one of them: one is allowed."""
    subject = next(subjects)
    replies = together(a, b, {"call": "charge", "policy": "all", "subject": subject, "cost": 4})
    wants("allowed", sorted(reply.get("allowed", reply) for reply in replies), [False, True])
    wants("a look", charge(b, subject, 0), {"allowed": True, "remaining": left(4)})


def attempt(worker: Worker, identifier: str, success: bool | None) -> Reply:
    """An attempt to log in, and what came of it; `None`: no password was checked."""
    return worker.ask("attempt", policy="login", identifier=identifier, success=success)


def locked(a: Worker, b: Worker) -> None:
    """A fails twice and B once, by another spelling; both find the account locked until one unlocks it."""
    name = next(subjects)
    wants("first", attempt(a, f"{name}@example.com", False), {"n": 1, "last": False})
    wants("abandoned", attempt(b, f"{name}@example.com", None), {"n": 2, "last": False})
    wants("second", attempt(a, f" {name}@Example.COM", False), {"n": 2, "last": False})
    wants("third", attempt(b, f"{name.upper()}@example.com", False), {"n": 3, "last": True})
    for worker in (a, b):
        wants("locked", verdict(attempt(worker, f"{name}@example.com", True), "let in"), "locked")
        status = worker.ask("account", policy="login", identifier=f"{name}@example.com")
        wants("status", status, {"fails": 3, "locked": True})
    wants("unlock", b.ask("unlock", policy="login", identifier=f"{name}@example.com"), {})
    wants("after it", attempt(a, f"{name}@example.com", False), {"n": 1, "last": False})


def forgiven(a: Worker, b: Worker) -> None:
    """A fails twice; B's third attempt succeeds, and A begins anew."""
    email = f"{next(subjects)}@example.com"
    for n in (1, 2):
        wants("a failure", attempt(a, email, False), {"n": n, "last": False})
    wants("the success", attempt(b, email, True), {"n": 3, "last": True})
    wants("status", a.ask("account", policy="login", identifier=email), {"fails": 0, "locked": False})
    wants("anew", attempt(a, email, False), {"n": 1, "last": False})


LIMITS: dict[str, Callable[[Worker, Worker], None]] = {
    "A charges, B is refused": charged,
    "A and B charge one subject at once": charged_at_once,
    "A and B fail, the account is locked": locked,
    "A fails, B's success forgives": forgiven,
}

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
    "A stores an answer, B replays it": stored,
    "A's answer is released, B runs again": released,
    "A answers too much, B: never again": kept_out,
    "A and B write one payload: one record": fingerprinted,
    "A and B run one key at once": contested,
    **LIMITS,
}
