"""`jwt.verify` under the profiles of other issuers. tokens.md, "Foreign profiles" and "Verification profiles"."""

import copy
import json

import jwt
from cases_jwt import OWN, Cases
from cases_jwt_data import ED_SEED, FLAGS, NOW, Raw, changed, private_pem, public_pem, signed, text
from vector_file import VectorFile

SECRET = "farm-gateway secret of 42 characters, ok!!"
KEY = jwt.Key("HS256", secret=SECRET.encode())
ED = jwt.Key("Ed25519", seed=ED_SEED)
NOTES = {
    "Relaxed": "what a profile may relax: typ, required claims, fractional times, leeway, max_ttl, claim names",
    "Strict": "what no profile relaxes: parsing, sizes, crit, claim types, one algorithm for one key",
    "Kid": "kid \"\" of a profile's key is the header without kid, and such a key matches nothing else",
    "Fractions": "any JSON number in range, rounded down to the µs from its text",
    "Profiles": "an issuer and a key belong to one profile",
    "Times": FLAGS["Times"],
    "Lifetime": "24 h unless set; without iat: exp - now <= max_ttl + leeway",
    "Dpop": FLAGS["Dpop"],
    "Order": FLAGS["Order"],
}
POLICY = copy.deepcopy(OWN)
POLICY["tokens"]["issuers"] = [
    {
        "id": "farm",
        "issuer": "farmiq",
        "audience": ["farmiq-api"],
        "typ": ["JWT", ""],
        "required": ["sub", "exp"],
        "claims": {"tenant": "tenant_id", "roles": "role"},
        "keys": [{"kid": "", "alg": "HS256", "secret": SECRET}],
    },
    {
        "id": "idp",
        "issuer": "https://idp.example/realm",
        "audience": ["api", "web"],
        "typ": ["at+jwt", "JWT"],
        "required": ["sub", "iat"],
        "leeway": "5s",
        "fractional_times": True,
        "max_ttl": "1h",
        "claims": {"session": "session_state"},
        "keys": [
            {"kid": "e1", "alg": "EdDSA", "public_key": public_pem(ED_SEED)},
            {"kid": "e2", "alg": "Ed25519", "public_key": public_pem(bytes(range(32))), "not_after": "2026-11-21T08:02:00Z"},
        ],
    },
]
SECOND = 1_000_000


def farm(drop=(), **changes):
    base = {"iss": "farmiq", "sub": "u-7", "aud": "farmiq-api", "iat": 1795248000, "exp": 1795251600, "tenant_id": "north", "role": "owner"}
    return changed(base, drop, changes)


def idp(drop=(), **changes):
    base = {"iss": "https://idp.example/realm", "sub": "x", "aud": ["web"], "iat": 1795248000, "exp": 1795249000}
    return changed(base, drop, changes)


def build():
    file = VectorFile("jwt/foreign.json", NOTES)
    farm_cases(Cases(file, POLICY, "farm").case)
    idp_cases(Cases(file, POLICY, "idp").case)
    own_beside(Cases(file, POLICY).case)
    return [file]


def farm_cases(case):
    def by(body=None, key=KEY, **head):
        return signed(farm() if body is None else body, head or {"alg": "HS256"}, key)

    def ok(comment, token, expect, now=NOW, flag="Relaxed"):
        case(comment, flag, "", token, now, expect)

    ok("no typ, no kid", by(), {"sub": "u-7", "role": "owner"})
    for typ in ("JWT", "jwt", "application/jwt", "application/JWT"):
        ok(f"typ {typ}", by(alg="HS256", typ=typ), {"sub": "u-7"})
    for typ in ("", "at+jwt", "JWT ", "dpop+jwt", "JOSE", "application/"):
        case(f"typ {json.dumps(typ)}", "Strict", "jwt_type", by(alg="HS256", typ=typ))
    case("typ null", "Strict", "jwt_header", by(alg="HS256", typ=None))
    for kid in ("k1", "e1", "0", "none"):
        case(f"kid {kid}", "Kid", "jwt_key_unknown", by(alg="HS256", kid=kid))
    case("kid empty", "Kid", "jwt_header", by(alg="HS256", kid=""))
    case("kid null", "Kid", "jwt_header", by(alg="HS256", kid=None))
    for name in ("iss", "aud", "exp", "sub"):
        case(f"{name} missing", "Strict", "jwt_claim_missing", by(farm(drop=[name])))
    for name in ("iat", "tenant_id", "role"):
        ok(f"{name} missing", by(farm(drop=[name])), {"sub": "u-7"})
    ok("roles as an array", by(farm(role=["owner", "vet"])), {"role": ["owner", "vet"]})
    ok("a role with a comma is one role", by(farm(role="owner,vet")), {"role": "owner,vet"})
    ok("claims of ours, of other types", by(farm(sid=7, gen="x", tv="old", roles=1, tenant={}, scope=[1], client_id=False, amr=1, auth_time="x")), {"gen": "x", "sid": 7})
    for name, value in (("tenant_id", 7), ("tenant_id", ""), ("tenant_id", None), ("tenant_id", ["north"]), ("role", 1), ("role", [1]), ("role", {}), ("role", None), ("sub", 1), ("sub", ""), ("iss", 1), ("aud", {}), ("jti", 5), ("jti", ""), ("nbf", "1")):
        case(f"{name} = {json.dumps(value)}", "Strict", "jwt_claim_type", by(farm(**{name: value})))
    for literal in ("1795251600.0", "1795251600.5", "1.7952516e9", "-1"):
        case(f"exp = {literal}, fractions not allowed", "Strict", "jwt_claim_type", by(farm(exp=Raw(literal))))
    case("iat = 1795248000.5, fractions not allowed", "Strict", "jwt_claim_type", by(farm(iat=Raw("1795248000.5"))))
    case("iss of ours", "Profiles", "jwt_issuer", by(farm(iss="https://auth.example")))
    case("iss of the other profile", "Profiles", "jwt_issuer", by(farm(iss="https://idp.example/realm")))
    case("aud of ours", "Strict", "jwt_audience", by(farm(aud="api")))
    case("aud with 17 elements", "Strict", "jwt_audience", by(farm(aud=["farmiq-api"] * 17)))
    case("aud empty array", "Strict", "jwt_audience", by(farm(aud=[])))
    case("alg HS512", "Strict", "jwt_algorithm", by(alg="HS512"))
    case("alg none", "Strict", "jwt_algorithm", by(alg="none"))
    case("alg absent", "Strict", "jwt_header", by(typ="JWT"))
    case("alg EdDSA", "Strict", "jwt_algorithm", by(alg="EdDSA"))
    case("crit", "Strict", "jwt_crit", by(alg="HS256", crit=["exp"]))
    case("b64", "Strict", "jwt_crit", by(alg="HS256", b64=True))
    case("zip", "Strict", "jwt_header", by(alg="HS256", zip="DEF"))
    case("x5c", "Strict", "jwt_header", by(alg="HS256", x5c=[]))
    case("another key", "Strict", "jwt_signature", by(key=jwt.Key("HS256", secret=b"y" * 42)))
    case("claim twice", "Strict", "jwt_malformed", signed(text(farm())[:-1] + ',"role":"admin"}', {"alg": "HS256"}, KEY))
    case("padding", "Strict", "jwt_malformed", by() + "=")
    case("too large", "Strict", "jwt_too_large", by(farm(x="y" * 9000)))
    day, leeway = 86_400, 30
    for life, code in ((day, ""), (day + 1, "jwt_lifetime")):
        case(f"exp - iat = {life} s", "Lifetime", code, by(farm(exp=1795248000 + life)), NOW, {"sub": "u-7"})
    now = 1795248060 * SECOND
    longest = 1795248060 + day + leeway
    case("without iat: exp - now at its limit", "Lifetime", "", by(farm(drop=["iat"], exp=longest)), now, {"exp": longest})
    case("without iat: exp - now one µs over", "Lifetime", "jwt_lifetime", by(farm(drop=["iat"], exp=longest)), now - 1)
    case("without iat: exp one second over", "Lifetime", "jwt_lifetime", by(farm(drop=["iat"], exp=longest + 1)), now)
    case("without iat: long expired", "Times", "jwt_expired", by(farm(drop=["iat"], exp=1)))
    exp = 1795251600 * SECOND
    case("leeway of [tokens]: last instant", "Times", "", by(), exp + 30 * SECOND - 1, {"sub": "u-7"})
    case("leeway of [tokens]: expired", "Times", "jwt_expired", by(), exp + 30 * SECOND)
    case("iat one µs too far in the future", "Times", "jwt_issued_in_future", by(), 1795247970 * SECOND - 1)
    case("nbf at its limit", "Times", "", by(farm(nbf=1795248090)), NOW, {"nbf": 1795248090})
    case("nbf one second too far", "Times", "jwt_not_yet_valid", by(farm(nbf=1795248091)))
    case("bound to a key", "Dpop", "dpop_missing", by(farm(cnf={"jkt": "B" * 43})))
    case("cnf of another form", "Dpop", "jwt_claim_type", by(farm(cnf={"kid": "x"})))
    case("key unknown before typ", "Order", "jwt_key_unknown", by(alg="HS256", kid="k", typ="x"))
    case("missing before type", "Order", "jwt_claim_missing", by(farm(drop=["sub"], exp="x")))
    case("type before issuer", "Order", "jwt_claim_type", by(farm(role=1, iss="x")))
    case("issuer before audience", "Order", "jwt_issuer", by(farm(iss="x", aud="x")))
    case("audience before lifetime", "Order", "jwt_audience", by(farm(aud="x", exp=1999999999)))
    case("lifetime before issued in the future", "Order", "jwt_lifetime", by(farm(iat=1795250000, exp=1999999999)))


def idp_cases(case):
    def by(body=None, key=ED, **head):
        return signed(idp() if body is None else body, {"alg": "EdDSA", "typ": "JWT", "kid": "e1", **head}, key)

    case("EdDSA", "Relaxed", "", by(), NOW, {"sub": "x", "aud": ["web"]})
    case("Ed25519", "Relaxed", "", by(alg="Ed25519"), NOW, {"sub": "x"})
    case("typ at+jwt", "Relaxed", "", by(typ="at+jwt"), NOW, {"sub": "x"})
    case("typ application/AT+JWT", "Relaxed", "", by(typ="application/AT+JWT"), NOW, {"sub": "x"})
    no_typ = signed(idp(), {"alg": "EdDSA", "kid": "e1"}, ED)
    case("typ absent", "Strict", "jwt_type", no_typ)
    no_kid = signed(idp(), {"alg": "EdDSA", "typ": "JWT"}, ED)
    case("kid absent where no key has an empty kid", "Kid", "jwt_key_unknown", no_kid)
    case("iat missing", "Strict", "jwt_claim_missing", by(idp(drop=["iat"])))
    case("sub missing", "Strict", "jwt_claim_missing", by(idp(drop=["sub"])))
    case("session", "Relaxed", "", by(idp(session_state="s-1")), NOW, {"session_state": "s-1"})
    case("session of another type", "Strict", "jwt_claim_type", by(idp(session_state=5)))
    for literal in ("1795249000.25", "1.795249e9", "1795249000.0", "17952490000e-1"):
        case(f"exp = {literal}", "Fractions", "", by(idp(exp=Raw(literal))), NOW, {"exp": float(literal)})
    for literal in ("-1", "-0.5", "9007199254740991.5", "1e300"):
        case(f"exp = {literal}", "Fractions", "jwt_claim_type", by(idp(exp=Raw(literal))))
    case("exp = 0.9999999: long expired", "Fractions", "jwt_expired", by(idp(iat=0, exp=Raw("0.9999999"))))
    token = by(idp(exp=Raw("1795249000.1234567")))
    edge = 1795249000_123456 + 5 * SECOND
    case("a fraction is cut to the µs: last instant", "Fractions", "", token, edge - 1, {"sub": "x"})
    case("a fraction is cut to the µs: expired", "Fractions", "jwt_expired", token, edge)
    token = by(idp(iat=Raw("1795248000.5000009")))
    edge = 1795248000_500000 - 5 * SECOND
    case("a fraction of iat is cut: first instant", "Fractions", "", token, edge, {"sub": "x"})
    case("a fraction of iat is cut: one µs before", "Fractions", "jwt_issued_in_future", token, edge - 1)
    token = by(idp(nbf=Raw("1795248100.0000019")))
    edge = 1795248100_000001 - 5 * SECOND
    case("a fraction of nbf is cut: first instant", "Fractions", "", token, edge, {"sub": "x"})
    case("a fraction of nbf is cut: one µs before", "Fractions", "jwt_not_yet_valid", token, edge - 1)
    case("max_ttl 1 h", "Lifetime", "", by(idp(exp=1795251600)), NOW, {"sub": "x"})
    case("max_ttl 1 h and a µs", "Lifetime", "jwt_lifetime", by(idp(exp=Raw("1795251600.000001"))))
    case("max_ttl 1 h and less than a µs", "Lifetime", "", by(idp(exp=Raw("1795251600.0000009"))), NOW, {"sub": "x"})
    case("exp a tenth of a µs after iat", "Lifetime", "jwt_lifetime", by(idp(exp=Raw("1795248000.0000001"))), 1795248000 * SECOND)
    case("exp a µs after iat", "Lifetime", "", by(idp(exp=Raw("1795248000.000001"))), 1795248000 * SECOND, {"sub": "x"})
    case("leeway of the profile: last instant", "Times", "", by(), 1795249005 * SECOND - 1, {"sub": "x"})
    case("leeway of the profile: expired", "Times", "jwt_expired", by(), 1795249005 * SECOND)
    second_key = jwt.Key("Ed25519", seed=bytes(range(32)))
    case("the second key", "Kid", "", by(kid="e2", key=second_key), NOW, {"sub": "x"})
    case("the second key after its time", "Kid", "jwt_key_unknown", by(kid="e2", key=second_key), 1795248120 * SECOND)
    case("the first key under the second's kid", "Strict", "jwt_signature", by(kid="e2"))
    case("HS256 by the public key", "Strict", "jwt_algorithm", by(alg="HS256", key=jwt.Key("HS256", secret=ED.public)))
    case("a token of the farm", "Profiles", "jwt_key_unknown", signed(farm(), {"alg": "HS256"}, KEY))


def own_beside(case):
    case("our own token", "Profiles", "", signed(), NOW)
    case("a token of the farm under own", "Profiles", "jwt_header", signed(farm(), {"alg": "HS256"}, KEY))
    case("a token of the provider under own", "Profiles", "jwt_key_unknown", signed(idp(), {"alg": "EdDSA", "typ": "at+jwt", "kid": "e1"}, ED))
    case("our kid, the farm's key", "Profiles", "jwt_signature", signed(key=KEY))
