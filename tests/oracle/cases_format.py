"""Sequences about the format itself: what a runner must get right before it can say anything about the library."""

import copy

from cases_refresh import KEY, POLICY, ROOT
from script import Sequence
from vector_file import VectorFile

NOTES = {
    "Reference": "`$name.member` stands for a value of any type, a literal `$` at the start is doubled",
    "Environment": "`${NAME}` in a policy reads the vector's env and nothing else",
    "Context": "context goes to events and sessions only",
    "Stream": "one byte stream for all draws of a test, on through reopen",
}
CONTEXT = {"request_id": "r-1", "trace_id": "t-1", "method": "POST", "endpoint": "/token", "ip": "192.0.2.7", "user_agent": "ua/1"}


def build():
    file = VectorFile("refresh/format.json", NOTES)
    policy = copy.deepcopy(POLICY)
    policy["root_keys"] = [{**ROOT, "secret": "${ROOT}"}]
    policy["tokens"]["signing_keys"] = [{**KEY, "secret": "${JWT}"}]
    policy["tokens"]["issuer"] = "https://${HOST}/$${x}"
    env = {"ROOT": ROOT["secret"], "JWT": KEY["secret"], "HOST": "auth.example"}
    plain = copy.deepcopy(POLICY)
    plain["tokens"]["issuer"] = "https://auth.example/${x}"
    group = file.group("refresh.sequence", policy=plain, seed={"hex": "20"})
    with Sequence(group, "secrets and issuer from the environment", "Environment") as s:
        s.issue()
        s.step("verify", 1, "valid", access="$a.access_token", show=("issuer",))
        s.refresh("a", 600, "rotated", "b")
        s.step("reopen", 601, "valid", policy=plain)
        s.refresh("b", 1200, "rotated")
    for step in group.tests[0]["steps"]:
        if step["op"] == "reopen":
            step["policy"] = policy
    group.members = {"type": "refresh.sequence", "policy": policy, "env": env, "seed": {"hex": "20"}}

    group = file.group("refresh.sequence", policy=POLICY, seed={"hex": "21"})
    with Sequence(group, "texts that begin with a dollar sign", "Reference") as s:
        login = dict(tenant="$$acme", subject="$$$$", client="web", roles=["$$r", "r$"], scope="$$s", claims={"price": "$$5", "$m": ["$$x"]}, amr=["$$"])
        s.step("issue", 0, "issued", "a", **login)
        s.step("verify", 1, "valid", access="$a.access_token", show=("subject", "tenant", "roles", "scope", "amr", "extra"))
        s.refresh("a", 600, "rotated", tenant="$$acme")
        s.refresh("a", 601, "binding_mismatch", tenant="$$$$acme")
        s.step("refresh", 602, "malformed", token="$$a.refresh_token")
    with Sequence(group, "a name is saved anew", "Reference") as s:
        s.issue("a")
        s.refresh("a", 600, "rotated", "a")
        s.refresh("a", 1200, "rotated", "a")
        s.step("sessions.revoke", 1201, "valid", tenant="acme", subject="u-42", session_id="$a.session_id")
        s.refresh("a", 1202, "revoked")
    with Sequence(group, "members of any type", "Reference") as s:
        s.step("epochs.bump_subject", 5, "valid", "v", tenant="acme", subject="u-42", reason="x", show=("version",))
        s.issue("a", at=6)
        s.step("verify", 7, "valid", "c", access="$a.access_token", show=())
        s.issue("b", at=8, subject="$c.subject", roles="$c.audience", auth_time="$c.issued_at")
        s.step("verify", 9, "valid", access="$b.access_token", show=("roles", "auth_time", "token_version"))
    with Sequence(group, "context with every call", "Context") as s:
        s.issue(context=CONTEXT)
        s.refresh("a", 600, "rotated", "b", context=CONTEXT)
        s.refresh("a", 601, "retry_concurrent", context={"ip": "192.0.2.8"})
        s.refresh("a", 602, "binding_mismatch", only=True, context=CONTEXT)
        s.step("revoke", 603, "valid", token="$b.refresh_token", context=CONTEXT)
        s.step("epochs.bump_all", 604, "valid", reason="x", context=CONTEXT)
    with Sequence(group, "draws go on through reopen and refusals", "Stream") as s:
        s.issue("a")
        s.step("reopen", 1, "valid", policy=POLICY)
        s.refresh("a", 2, "binding_mismatch", client="phone")
        s.issue("x", want="invalid_argument", at=3, subject="")
        s.refresh("a", 4, "rotated", "b")
        s.refresh("a", 5, "retry_concurrent")
        s.step("reopen", 6, "valid", policy=POLICY)
        s.issue("c", at=7)
        s.refresh("b", 8, "rotated")
    return [file]
