"""The Python worker of the demo: a line of JSON in, a line of JSON out, over the public API only.

`worker.py gatewright.toml` opens the policy, says `{"ready": "Python"}`, and answers requests until its input ends. What
Gatewright refuses is an answer too: `{"error": code, "reason": …}`. A request that it does not understand ends it.
"""

import json
import sys
from typing import Any

from gatewright import Gate, GatewrightError, TokenPair
from gatewright.types import Scope


def main(policy: str) -> None:
    """Answer each line of the input with a line of the output."""
    with Gate.open(policy) as gate:
        say({"ready": "Python"})
        for line in sys.stdin:
            try:
                reply = answer(gate, json.loads(line))
            except GatewrightError as error:
                reply = {"error": error.code, "reason": error.reason}
            say(reply)


def answer(gate: Gate, request: dict[str, Any]) -> dict[str, Any]:
    """Make the call that a request names."""
    match request:
        case {"call": "issue", "tenant": tenant, "subject": subject, "client": client}:
            return pair(gate.tokens.issue(tenant=tenant, subject=subject, client=client))
        case {"call": "refresh", "token": token, "retry_key": key}:
            return pair(gate.tokens.refresh(token, retry_key=bytes.fromhex(key)))
        case {"call": "refresh", "token": token}:
            return pair(gate.tokens.refresh(token))
        case {"call": "verify", "access": access}:
            claims = gate.tokens.verify(access)
            return {"subject": claims.subject, "gen": claims.gen}
        case {"call": "verify_fresh", "access": access}:
            claims = gate.tokens.verify_fresh(access)
            return {"subject": claims.subject, "gen": claims.gen}
        case {"call": "revoke", "token": token}:
            gate.tokens.revoke(token)
            return {}
        case {"call": "bump_subject", "tenant": tenant, "subject": subject, "reason": reason}:
            return {"version": gate.epochs.bump_subject(tenant, subject, reason)}
        case {"call": "sign", "endpoint": endpoint, "body": body}:
            return {"headers": gate.webhooks.sign(endpoint, body.encode())}
        case {"call": "check", "endpoint": endpoint, "headers": headers, "body": body}:
            return {"key_id": gate.webhooks.check(endpoint, as_pairs(headers), body.encode()).key_id}
        case {"call": "deliver", "endpoint": endpoint, "headers": headers, "body": body}:
            # Verified and claimed on the way in; committed on the way out, or released by an exception.
            with gate.webhooks.verify(endpoint, as_pairs(headers), body.encode()) as message:
                return {"duplicate": message.duplicate}
        case {"call": "charge", "policy": policy, "subject": subject, "cost": cost}:
            decision = gate.limits.check(policy, subject, cost)
            return {"allowed": decision.allowed, "remaining": {tier.id: tier.remaining for tier in decision.tiers}}
        case {"call": "attempt", "policy": policy, "identifier": identifier, "success": success}:
            # Charged on the way in; abandoned on the way out if it was not settled.
            with gate.lockout.begin(policy, identifier) as attempt:
                if success is not None:
                    attempt.settle(success)
            return {"n": attempt.n, "last": attempt.last}
        case {"call": "account", "policy": policy, "identifier": identifier}:
            status = gate.lockout.status(policy, identifier)
            return {"fails": status.fails, "locked": status.locked_until is not None}
        case {"call": "unlock", "policy": policy, "identifier": identifier}:
            gate.lockout.unlock(policy, identifier)
            return {}
        case {"call": "once", "key": key, "path": path, "body": body, "answer": answer}:
            scope = Scope(tenant="acme", principal="u-1", method="POST", path=path)
            # Run unless there is an answer already, which is then replayed; given back by an exception.
            with gate.idempotency.begin(key=key, scope=scope, body=body.encode(), content_type=request.get("content_type")) as step:
                ran = step.response is None
                sent = step.response or step.complete(answer["status"], as_pairs(answer["headers"]), bytes.fromhex(answer["body"]))
            return {"ran": ran, "status": sent.status, "headers": sent.headers, "body": sent.body.hex()}
    raise ValueError(f"not a request: {request}")


def pair(pair: TokenPair) -> dict[str, Any]:
    """What the demo wants to know of a pair."""
    return {"access_token": pair.access_token, "refresh_token": pair.refresh_token, "outcome": pair.outcome}


def as_pairs(headers: list[list[str]]) -> list[tuple[str, str]]:
    """JSON has no tuples."""
    return [(name, value) for name, value in headers]


def say(reply: dict[str, Any]) -> None:
    """Write a line, at once."""
    print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
