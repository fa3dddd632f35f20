"""`webhook.sequence`: claims, their holds and ends, duplicates, and what a bad message must not burn. webhooks.md A5 to A7."""

from cases_webhook import BODY, ONE, PARKING, STD, TWO, WHSK, edge, parking, shown_body, std, std_mac
from script import Sequence
from vector_file import VectorFile

NOTES = {
    "Burn": "a message that is refused claims nothing (GHSA-cmwq-5829-xw24)",
    "Replay": "a message that was used is replayed",
    "Hold": "a claim is held until it is committed, released or over",
    "Expiry": "a nonce is kept until ts + past + 60 s, an id 96 h from its claim",
    "Duplicate": "an id that was committed is a duplicate and no error",
    "SignatureReplay": "replay = signature claims the signed bytes, whoever signed them",
    "OnePhase": "claim = one_phase: used at once",
    "Sign": "what sign writes, check takes",
    "Scope": "claims are of one endpoint, nonces of one secret",
    "Reopen": "claims live in the store",
}
HOURS_96 = 96 * 3600
DEVICE = {**PARKING, "secrets": [{"id": "new", "secret": ONE}, {"id": "old", "secret": TWO}]}
POLICY = {
    "version": 1,
    "store": {"default": "memory:"},
    "webhooks": {
        "endpoints": [
            DEVICE,
            {**DEVICE, "id": "other"},
            {**DEVICE, "id": "none", "replay": "none"},
            {**DEVICE, "id": "seed", "claim": "one_phase"},
            {**DEVICE, "id": "brief", "hold": "2s"},
            {**DEVICE, "id": "narrow", "window": {"past": "10s", "future": "5s"}},
            {**DEVICE, "id": "psig", "replay": "signature"},
            {"id": "edge", "preset": "edge_sync", "secrets": DEVICE["secrets"]},
            {"id": "esig", "preset": "edge_sync", "replay": "signature", "secrets": DEVICE["secrets"]},
            {**STD, "secrets": [*STD["secrets"][:2], {"id": "sk", "secret": WHSK}]},
            {**STD, "id": "std2"},
            {**STD, "id": "sseed", "claim": "one_phase"},
        ]
    },
}


class Messages(Sequence):
    def verify(self, endpoint, at, want, headers, save=None, body=BODY, op="verify"):
        show = ("key_id", "timestamp", "id", "nonce") + (("duplicate",) if op == "verify" else ())
        written = [[name, value] for name, value in headers] if isinstance(headers, list) else headers
        offered = self.step(
            op, at, want, save, show=None if want != "valid" else show, endpoint=endpoint, headers=written, body=shown_body(body)
        )
        expect = self.steps[-1].get("expect", {})
        for name in ("id", "nonce"):
            if expect.get(name) == "":
                del expect[name]
        return offered

    def commit(self, name, at):
        self.step("verified.commit", at, "valid", verified=f"${name}")

    def release(self, name, at):
        self.step("verified.release", at, "valid", verified=f"${name}")


def build():
    file = VectorFile("webhook/sequences.json", NOTES)
    group = file.group("webhook.sequence", policy=POLICY, seed={"hex": "00"})
    new = lambda comment, *flags: Messages(group, comment, *flags)
    burns(new)
    nonces(new)
    ids(new)
    signatures(new)
    scopes(new)
    signs(new)
    return [file]


def burns(new):
    bad = "sha256=" + "0" * 64
    for comment, first, code in (
        ("a wrong signature", parking(signature=bad), "signature_mismatch"),
        ("a malformed signature", parking(signature="x"), "header_malformed"),
        ("a doubled header", parking() + [("x-nonce", "n")], "header_duplicate"),
        ("an old time", parking("2026-11-21T07:00:00Z"), "timestamp_too_old"),
        ("a new time", parking("2026-11-21T09:00:00Z"), "timestamp_too_new"),
    ):
        with new(f"{comment} burns no nonce", "Burn") as s:
            s.verify("chirpstack", 1, code, first)
            s.verify("chirpstack", 1, "valid", parking(), "a")
            s.commit("a", 2)
            s.verify("chirpstack", 2, "replayed", parking())
            s.verify("chirpstack", 2, code, first)
    with new("a wrong signature burns no id", "Burn") as s:
        s.verify("std", 1, "signature_mismatch", std(signature="v1," + "A" * 43 + "="))
        s.verify("std", 1, "valid", std(), "a")
    with new("check claims nothing", "Burn") as s:
        for at in (1, 2, 3):
            s.verify("chirpstack", at, "valid", parking(), op="check")
        s.verify("chirpstack", 4, "valid", parking(), "a")
        s.verify("chirpstack", 5, "valid", parking(), op="check")
        s.commit("a", 6)
        s.verify("chirpstack", 7, "valid", parking(), op="check")
        s.verify("chirpstack", 8, "replayed", parking())


def nonces(new):
    with new("verified, committed, replayed", "Replay") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.commit("a", 1)
        s.verify("chirpstack", 1, "replayed", parking())
        s.verify("chirpstack", 60, "replayed", parking())
        s.verify("chirpstack", 61, "valid", parking(nonce="n-0002"))
    with new("another message under a used nonce", "Replay") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.commit("a", 1)
        s.verify("chirpstack", 2, "replayed", parking("2026-11-21T08:00:01Z", body=b"other"), body=b"other")
    with new("a nonce differs by its case", "Replay") as s:
        s.verify("chirpstack", 0, "valid", parking(nonce="abc"), "a")
        s.commit("a", 0)
        s.verify("chirpstack", 1, "valid", parking(nonce="abC"))
    with new("held: in progress, with what is left of the hold", "Hold") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.verify("chirpstack", 0, "in_progress", parking())
        s.verify("chirpstack", (10, 1), "in_progress", parking())
        s.verify("chirpstack", (30, -1), "in_progress", parking())
        s.commit("a", (30, -1))
        s.verify("chirpstack", 30, "replayed", parking())
    with new("released: verified again", "Hold") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.release("a", 1)
        s.verify("chirpstack", 1, "valid", parking(), "b")
        s.verify("chirpstack", 1, "in_progress", parking())
        s.commit("b", 2)
        s.verify("chirpstack", 3, "replayed", parking())
    with new("a hold that is over is taken over", "Hold") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.verify("chirpstack", 30, "valid", parking(), "b")
        s.verify("chirpstack", 31, "in_progress", parking())
        s.commit("b", 32)
        s.verify("chirpstack", 33, "replayed", parking())
    with new("a claim that was taken over changes nothing", "Hold") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.verify("chirpstack", 30, "valid", parking(), "b")
        s.commit("a", 31)
        s.verify("chirpstack", 32, "in_progress", parking())
        s.release("a", 33)
        s.verify("chirpstack", 34, "in_progress", parking())
        s.release("b", 35)
        s.verify("chirpstack", 36, "valid", parking())
    with new("a hold that is over, and nobody came: commit still counts", "Hold") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.commit("a", 100)
        s.verify("chirpstack", 101, "replayed", parking())
    with new("commit twice, release after commit", "Hold") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.commit("a", 1)
        s.commit("a", 2)
        s.release("a", 3)
        s.verify("chirpstack", 4, "replayed", parking())
    with new("release twice", "Hold") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.release("a", 1)
        s.verify("chirpstack", 2, "valid", parking(), "b")
        s.release("a", 3)
        s.verify("chirpstack", 4, "in_progress", parking())
    with new("a hold of 2 s", "Hold") as s:
        s.verify("brief", 0, "valid", parking(), "a")
        s.verify("brief", (2, -1), "in_progress", parking())
        s.verify("brief", 2, "valid", parking())
    with new("the clock steps back under a hold", "Hold") as s:
        s.verify("chirpstack", 60, "valid", parking(), "a")
        s.verify("chirpstack", 0, "in_progress", parking())
        s.commit("a", 0)
        s.verify("chirpstack", 0, "replayed", parking())
    with new("a nonce outlives its message's window", "Expiry") as s:
        s.verify("chirpstack", -60, "valid", parking(), "a")
        s.commit("a", -60)
        s.verify("chirpstack", 300, "replayed", parking())
        s.verify("chirpstack", (300, 1), "timestamp_too_old", parking())
    with new("a nonce is free again at ts + past + 60 s", "Expiry") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.commit("a", 0)
        later = parking("2026-11-21T08:06:00Z", body=b"later")
        s.verify("chirpstack", (360, -1), "replayed", later, body=b"later")
        s.verify("chirpstack", 360, "valid", later, body=b"later")
    with new("a nonce of a narrow window", "Expiry") as s:
        s.verify("narrow", 0, "valid", parking(), "a")
        s.commit("a", 0)
        later = parking("2026-11-21T08:01:10Z", body=b"later")
        s.verify("narrow", (70, -1), "replayed", later, body=b"later")
        s.verify("narrow", 70, "valid", later, body=b"later")
    with new("a nonce counts from the message's own time", "Expiry") as s:
        early = parking("2026-11-21T07:56:00Z")
        s.verify("chirpstack", 0, "valid", early, "a")
        s.commit("a", 0)
        later = parking("2026-11-21T08:02:00Z")
        s.verify("chirpstack", (120, -1), "replayed", later)
        s.verify("chirpstack", 120, "valid", later)
    with new("replay = none claims nothing", "Replay") as s:
        s.verify("none", 0, "valid", parking(), "a")
        s.verify("none", 0, "valid", parking(), "b")
        s.commit("a", 1)
        s.verify("none", 2, "valid", parking(), "c")
        s.release("b", 3)
        s.commit("c", 3)
    with new("edge_sync claims nothing by default", "Replay") as s:
        s.verify("edge", 0, "valid", edge(), "a")
        s.commit("a", 1)
        s.verify("edge", 2, "valid", edge())
    with new("one phase: used at once", "OnePhase") as s:
        s.verify("seed", 0, "valid", parking(), "a")
        s.verify("seed", 0, "replayed", parking())
        s.commit("a", 1)
        s.verify("seed", 31, "replayed", parking())
    with new("one phase of ids: a duplicate at once", "OnePhase") as s:
        s.verify("sseed", 0, "valid", std(), "a")
        s.verify("sseed", 0, "valid", std(), "b")
        s.commit("b", 1)
        s.verify("sseed", 2, "valid", std())


def ids(new):
    with new("a committed id is a duplicate", "Duplicate") as s:
        s.verify("std", 0, "valid", std(), "a")
        s.commit("a", 1)
        s.verify("std", 2, "valid", std(), "b")
        s.commit("b", 3)
        s.release("b", 3)
        s.verify("std", 4, "valid", std(), "c")
        s.release("c", 5)
        s.verify("std", 6, "valid", std())
    with new("a held id is in progress", "Duplicate", "Hold") as s:
        s.verify("std", 0, "valid", std(), "a")
        s.verify("std", 12, "in_progress", std())
        s.release("a", 13)
        s.verify("std", 14, "valid", std(), "b")
        s.commit("b", 15)
        s.verify("std", 16, "valid", std())
    with new("a retry has a new time and the same id", "Duplicate") as s:
        s.verify("std", 0, "valid", std(), "a")
        s.commit("a", 1)
        s.verify("std", 3600, "valid", std(time="1795251600"))
        s.verify("std", 3600, "valid", std(time="1795251600", id="msg_2"))
    with new("a retry across a roll of secrets is a duplicate", "Duplicate", "Scope") as s:
        from cases_webhook import STD_TWO

        s.verify("std", 0, "valid", std(), "a")
        s.commit("a", 1)
        s.verify("std", 2, "valid", std(secret=STD_TWO))
        s.verify("std", 3, "valid", std(secret=WHSK))
    with new("a duplicate with another body is one all the same", "Duplicate") as s:
        s.verify("std", 0, "valid", std(), "a")
        s.commit("a", 1)
        s.verify("std", 2, "valid", std(body=b"other"), body=b"other")
    with new("an id is free again 96 h after its claim", "Expiry") as s:
        s.verify("std", 10, "valid", std(), "a")
        s.commit("a", 20)
        s.verify("std", (10 + HOURS_96, -1), "valid", std(time=str(1795248010 + HOURS_96)), "b")
        s.verify("std", 10 + HOURS_96, "valid", std(time=str(1795248010 + HOURS_96)), "c")
        s.commit("c", 11 + HOURS_96)
        s.verify("std", 12 + HOURS_96, "valid", std(time=str(1795248010 + HOURS_96)))
    with new("the svix family has the same ids", "Duplicate") as s:
        s.verify("std", 0, "valid", std(), "a")
        s.commit("a", 1)
        s.verify("std", 2, "valid", std(family="svix"))


def signatures(new):
    with new("edge_sync with replay = signature", "SignatureReplay") as s:
        s.verify("esig", 0, "valid", edge(), "a")
        s.verify("esig", 1, "in_progress", edge())
        s.commit("a", 2)
        s.verify("esig", 3, "replayed", edge())
        s.verify("esig", 3, "valid", edge("1795248000001"))
        s.verify("esig", 3, "valid", edge(body=b"x"), body=b"x")
    with new("the same bytes signed with another secret", "SignatureReplay") as s:
        s.verify("esig", 0, "valid", edge(), "a")
        s.commit("a", 1)
        s.verify("esig", 2, "replayed", edge(secret=TWO))
    with new("the same signature in upper case", "SignatureReplay") as s:
        s.verify("esig", 0, "valid", edge(), "a")
        s.commit("a", 1)
        s.verify("esig", 2, "replayed", edge(signature=edge()[0][1].upper()))
    with new("parking with replay = signature: a new time under the same nonce is a new message", "SignatureReplay") as s:
        s.verify("psig", 0, "valid", parking(), "a")
        s.commit("a", 1)
        s.verify("psig", 2, "replayed", parking())
        s.verify("psig", 2, "valid", parking("2026-11-21T08:00:01Z"))
    with new("a signature is kept as long as its message could pass", "SignatureReplay", "Expiry") as s:
        s.verify("esig", -300, "valid", edge(), "a")
        s.commit("a", -300)
        s.verify("esig", 300, "replayed", edge())
        s.verify("esig", (300, 1), "timestamp_too_old", edge())


def scopes(new):
    with new("one endpoint does not burn another's nonces", "Scope") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.commit("a", 1)
        s.verify("other", 2, "valid", parking(), "b")
        s.commit("b", 3)
        s.verify("other", 4, "replayed", parking())
        s.verify("chirpstack", 4, "replayed", parking())
    with new("one secret does not burn another's nonces", "Scope") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.commit("a", 1)
        s.verify("chirpstack", 2, "valid", parking(secret=TWO), "b")
        s.commit("b", 3)
        s.verify("chirpstack", 4, "replayed", parking(secret=TWO))
    with new("one endpoint does not burn another's ids", "Scope") as s:
        s.verify("std", 0, "valid", std(), "a")
        s.commit("a", 1)
        s.verify("std2", 2, "valid", std(), "b")
        s.commit("b", 3)
        s.verify("std2", 4, "valid", std())
    with new("claims outlive the gate", "Reopen") as s:
        s.verify("chirpstack", 0, "valid", parking(), "a")
        s.commit("a", 1)
        s.step("reopen", 2, "valid", policy=POLICY)
        s.verify("chirpstack", 3, "replayed", parking())
        s.verify("chirpstack", 3, "valid", parking(nonce="n-2"), "b")
        s.step("reopen", 4, "valid", policy=POLICY)
        s.verify("chirpstack", 5, "in_progress", parking(nonce="n-2"))
    with new("a secret leaves the policy", "Reopen") as s:
        s.verify("chirpstack", 0, "valid", parking(secret=TWO), "a")
        policy = {**POLICY, "webhooks": {"endpoints": [{**DEVICE, "secrets": DEVICE["secrets"][:1]}]}}
        s.step("reopen", 1, "valid", policy=policy)
        s.verify("chirpstack", 2, "signature_mismatch", parking(secret=TWO, nonce="n-2"))
        s.verify("chirpstack", 2, "valid", parking(nonce="n-2"))


def signs(new):
    for endpoint in ("chirpstack", "edge", "std"):
        with new(f"{endpoint}: signed, checked, verified", "Sign") as s:
            s.step("sign", 0, "valid", "m", show=("headers",), endpoint=endpoint, body=shown_body(BODY))
            s.verify(endpoint, 1, "valid", "$m.headers", op="check")
            s.verify(endpoint, 1, "valid", "$m.headers", "v")
            s.commit("v", 2)
            s.verify(endpoint, 3, "replayed" if endpoint == "chirpstack" else "valid", "$m.headers")
            s.step("sign", 4, "valid", "n", show=("headers",), endpoint=endpoint, body=shown_body(BODY))
            s.verify(endpoint, 5, "valid", "$n.headers")
    with new("a retry is signed afresh: same id, new time", "Sign", "Duplicate") as s:
        s.step("sign", 0, "valid", "m", show=("headers",), endpoint="std", body=shown_body(BODY), id="msg_9")
        s.verify("std", 1, "valid", "$m.headers", "v")
        s.commit("v", 2)
        s.step("sign", 600, "valid", "n", show=("headers",), endpoint="std", body=shown_body(BODY), id="msg_9")
        s.verify("std", 601, "valid", "$n.headers")
    with new("draws of several endpoints come from one stream", "Sign") as s:
        for at, endpoint in enumerate(("std", "chirpstack", "edge", "std2", "other")):
            s.step("sign", at, "valid", f"m{at}", show=("headers",), endpoint=endpoint, body={"utf8": ""})
