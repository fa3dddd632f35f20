"""Times the package beside the usual ones of each job, in turn, in one process: median and range of rounds.

    python benches/compare.py [--rounds 15] [--json FILE]

Build the package in the release profile first (`maturin develop --release`): figures of a dev build say nothing.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import re
import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import figures
import idempotent
import limiting

SECRET = base64.b64decode("u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4=")
STANDARD_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

POLICY: dict[str, Any] = {
    "version": 1,
    "root_keys": [{"id": 1, "secret": "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=", "state": "active"}],
    "store": {"default": "memory:"},
    "tokens": {
        "issuer": "https://auth.example",
        "audience": ["api"],
        "clients": [{"id": "web", "kind": "browser"}],
        "signing_keys": [
            {"kid": "k1", "alg": "HS256", "secret": "base64:" + base64.b64encode(SECRET).decode(), "state": "active"}
        ],
    },
    "idempotency": {},
    "limits": {"policies": limiting.POLICIES},
    "webhooks": {
        "endpoints": [{"id": "std", "preset": "standard_webhooks", "secrets": [{"id": "s", "secret": STANDARD_SECRET}]}]
    },
}

Job = Callable[[], object]
"""Does one operation."""


def verify_jobs(gate: Any, token: str) -> dict[str, Job]:
    """HS256 verification with issuer and audience, of the same token."""
    import jwt
    from authlib.jose import JsonWebToken
    from joserfc import jwt as joserfc
    from joserfc.jwk import OctKey

    authlib = JsonWebToken(["HS256"])
    authlib_options = {
        "iss": {"essential": True, "value": "https://auth.example"},
        "aud": {"essential": True, "value": "api"},
    }
    joserfc_key = OctKey.import_key(SECRET)
    joserfc_claims = joserfc.JWTClaimsRegistry(
        iss={"essential": True, "value": "https://auth.example"}, aud={"essential": True, "value": "api"}
    )

    def with_pyjwt() -> object:
        return jwt.decode(token, SECRET, algorithms=["HS256"], issuer="https://auth.example", audience="api")

    def with_authlib() -> object:
        claims = authlib.decode(token, SECRET, claims_options=authlib_options)
        claims.validate()
        return claims

    def with_joserfc() -> object:
        decoded = joserfc.decode(token, joserfc_key, algorithms=["HS256"])
        joserfc_claims.validate(decoded.claims)
        return decoded

    verify = gate.tokens.verify
    return {
        "gatewright": lambda: verify(token).subject,
        "gatewright, as dict": lambda: verify(token).as_dict(),
        "PyJWT": with_pyjwt,
        "authlib": with_authlib,
        "joserfc": with_joserfc,
    }


def webhook_jobs(gate: Any, size: int) -> dict[str, Job]:
    """Check of a Standard Webhooks message."""
    from standardwebhooks import Webhook

    # standardwebhooks insists on JSON text.
    body = json.dumps({"data": "x" * (size - 12)}).encode()
    headers = dict(gate.webhooks.sign("std", body))
    library = Webhook(STANDARD_SECRET)
    key = base64.b64decode(STANDARD_SECRET.removeprefix("whsec_"))
    check = gate.webhooks.check

    def by_hand() -> bool:
        stamp = headers["webhook-timestamp"]
        if abs(time.time() - int(stamp)) > 300:
            raise ValueError
        signed = f"{headers['webhook-id']}.{stamp}.".encode() + body
        wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return any(hmac.compare_digest(f"v1,{wanted}", one) for one in headers["webhook-signature"].split(" "))

    return {
        "gatewright": lambda: check("std", headers, body),
        "standardwebhooks": lambda: library.verify(body, headers),
        "hmac by hand": by_hand,
    }


def issue_jobs(gate: Any) -> dict[str, Job]:
    """Sign: ours begins a session in a store besides, so it is no like for like; named for what it is."""
    import jwt
    from joserfc import jwt as joserfc
    from joserfc.jwk import OctKey

    now = int(datetime.now(UTC).timestamp())
    claims = {
        "iss": "https://auth.example",
        "sub": "u-42",
        "aud": "api",
        "client_id": "web",
        "iat": now,
        "exp": now + 900,
        "jti": "j-1",
        "sid": "AAECAwQFBgcICQoLDA0ODw",
        "gen": 0,
        "tv": [0, 0, 0],
    }
    key = OctKey.import_key(SECRET)
    issue = gate.tokens.issue
    return {
        "gatewright issue (session and both tokens)": lambda: issue(subject="u-42", client="web"),
        "PyJWT encode alone": lambda: jwt.encode(claims, SECRET, algorithm="HS256", headers={"kid": "k1"}),
        "joserfc encode alone": lambda: joserfc.encode({"alg": "HS256", "kid": "k1"}, claims, key),
    }


def measure(jobs: dict[str, Job], rounds: int) -> dict[str, list[float]]:
    """Seconds for one operation, per round; the jobs take turns within each round."""
    loops = {name: _loops(job) for name, job in jobs.items()}
    times: dict[str, list[float]] = {name: [] for name in jobs}
    for _ in range(rounds):
        for name, job in jobs.items():
            start = time.perf_counter()
            for _ in range(loops[name]):
                job()
            times[name].append((time.perf_counter() - start) / loops[name])
    return times


def _loops(job: Job) -> int:
    """How often a job runs in about 20 ms."""
    job()
    start = time.perf_counter()
    for _ in range(10):
        job()
    return max(1, int(0.02 / ((time.perf_counter() - start) / 10)))


def main() -> None:
    """Print a table for each job."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--only", default="", help="run the jobs whose title this pattern finds")
    options = parser.parse_args()

    from gatewright import Gate

    tables: dict[str, dict[str, list[float]]] = {}
    with Gate.from_policy(POLICY) as gate:
        token = gate.tokens.issue(subject="u-42", client="web").access_token
        groups: dict[str, Callable[[], dict[str, Job]]] = {
            "HS256 verify": lambda: verify_jobs(gate, token),
            "HS256 sign": lambda: issue_jobs(gate),
            "webhook check, 1 KiB": lambda: webhook_jobs(gate, 1024),
            "webhook check, 64 KiB": lambda: webhook_jobs(gate, 64 * 1024),
            "webhook check, 1 MiB": lambda: webhook_jobs(gate, 1024 * 1024),
            "idempotent operation in memory, first": lambda: idempotent.first_jobs(gate),
            "idempotent operation in memory, replay": lambda: idempotent.replay_jobs(gate),
            "rate in memory, one tier": lambda: limiting.one_tier_jobs(gate),
            "rate in memory, three tiers": lambda: limiting.three_tier_jobs(gate),
            "uniformity of 1,000 doubles": lambda: figures.uniformity_jobs(1000),
            "uniformity of 1,000,000 doubles": lambda: figures.uniformity_jobs(1_000_000),
            "CV of 1,000 doubles": lambda: figures.cv_jobs(1000),
            "CV of 1,000,000 doubles": lambda: figures.cv_jobs(1_000_000),
            "95th percentile of 1,000 doubles": lambda: figures.percentile_jobs(1000),
            "95th percentile of 1,000,000 doubles": lambda: figures.percentile_jobs(1_000_000),
            "uniformity score of a list of 1,000": lambda: figures.list_jobs(1000),
        }
        for title, jobs in groups.items():
            if not re.search(options.only, title):
                continue
            times = measure(jobs(), max(9, options.rounds))
            tables[title] = times
            ours = statistics.median(next(iter(times.values())))
            print(f"\n{title}")
            for name, seconds in times.items():
                median = statistics.median(seconds)
                low, high = min(seconds) * 1e6, max(seconds) * 1e6
                print(f"  {name:44} {median * 1e6:10.2f} µs  ({low:.2f}-{high:.2f})  {median / ours:6.2f}x")
    if options.json:
        options.json.write_text(json.dumps(tables, indent=1))


if __name__ == "__main__":
    main()
