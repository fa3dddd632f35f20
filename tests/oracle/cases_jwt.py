"""`jwt.verify`: the 31-row table of tokens.md and the rules behind it, under the own profile."""

import copy
import json

import jwt
from cases_jwt_data import FLAGS, KEY, KEY_POLICY, NOW, Raw, claims, header, pad_to, signed, text
from vector_file import VectorFile
from wire import B64URL, Refused, b64u

OWN = {
    "version": 1,
    "tokens": {
        "issuer": "https://auth.example",
        "audience": ["api"],
        "signing_keys": [{**KEY_POLICY, "state": "active"}],
    },
}


class Cases:
    """A group whose expected outcomes are computed and must agree with what the case's author read from the page."""

    def __init__(self, file, policy, issuer=None):
        members = {"policy": policy} | ({"issuer": issuer} if issuer else {})
        self.group = file.group("jwt.verify", **members)
        self.profile = jwt.Profile(policy["tokens"], issuer or "own")

    def case(self, comment, flag, code, token, now=NOW, expect=None):
        try:
            read, got = jwt.verify(token, self.profile, now), ""
        except Refused as refused:
            read, got = None, refused.code
        assert got == code, f"{comment}: read as {code or 'valid'}, computed {got or 'valid'}"
        members = {"now": now, "token": token}
        if read is not None:
            members["expect"] = {"claims": expect if expect is not None else {"sub": "u-42", "gen": 0}}
        self.group.outcome(comment, [flag] if flag else [], code, **members)


def build():
    file = VectorFile("jwt/own.json", FLAGS)
    group = Cases(file, OWN)
    table(group.case)
    sizes(group.case)
    form(group.case)
    headers(group.case)
    claim_rows(group.case)
    times(group.case)
    order(group.case)
    keys(file)
    policies(file)
    return [file]


def table(case):
    case("control", "Table", "", signed())
    case("float exp", "Table", "jwt_claim_type", signed(claims(exp=Raw("1795248900.5"))))
    for name in ("iss", "aud"):
        case(f"{name} missing", "Table", "jwt_claim_missing", signed(claims(drop=[name])))
    case("iss a number", "Table", "jwt_claim_type", signed(claims(iss=7)))
    case("iss an array that holds the right one", "Table", "jwt_claim_type", signed(claims(iss=["https://auth.example"])))
    case("aud an object", "Table", "jwt_claim_type", signed(claims(aud={"api": True})))
    case("nbf far in the future", "Table", "jwt_not_yet_valid", signed(claims(nbf=1895248000)))
    case("nbf a text", "Table", "jwt_claim_type", signed(claims(nbf="1795248000")))
    case("iat far in the future", "Table", "jwt_issued_in_future", signed(claims(iat=1895248000, exp=1895248900)))
    case("iat a text", "Table", "jwt_claim_type", signed(claims(iat="1795248000")))
    case("exp missing", "Table", "jwt_claim_missing", signed(claims(drop=["exp"])))
    case("exp a text", "Table", "jwt_claim_type", signed(claims(exp="1795248900")))
    case("unknown crit", "Table", "jwt_crit", signed(head=header(crit=["x"], x=1)))
    case("empty crit", "Table", "jwt_crit", signed(head=header(crit=[])))
    case("expired 30 s ago", "Table", "jwt_expired", signed(), 1795248930000000)
    case("leading space", "Table", "jwt_malformed", " " + signed())
    case("invalid UTF-8 in the claims", "Table", "jwt_malformed", signed(text(claims()).encode().replace(b"u-42", b"u-\xff2")))
    case("alg twice in the header", "Table", "jwt_malformed", signed(head='{"alg":"HS256","alg":"HS256","typ":"at+jwt","kid":"k1"}'))
    case("iss twice", "Table", "jwt_malformed", signed(text(claims())[:-1] + ',"iss":"https://auth.example"}'))
    case("role twice, an extra claim", "Table", "jwt_malformed", signed(text(claims(role="a"))[:-1] + ',"role":"b"}'))
    spare = signed()
    case("last character of the signature changed in its spare bits", "Table", "jwt_malformed", spare[:-1] + B64URL[B64URL.index(spare[-1]) ^ 1])
    case("space inside the signature", "Table", "jwt_malformed", spare[:-5] + " " + spare[-5:])
    case("newline at the end", "Table", "jwt_malformed", spare + "\n")
    case("padding appended", "Table", "jwt_malformed", spare + "=")
    case("b64 false without crit", "Table", "jwt_crit", signed(head=header(b64=False)))
    case("typ dpop+jwt", "Table", "jwt_type", signed(head=header(typ="dpop+jwt")))
    case("header carries jwk", "Table", "jwt_header", signed(head=header(jwk={"kty": "oct", "k": "AA"})))
    case("a large token (16 KiB)", "Table", "jwt_too_large", signed(claims(pad="x" * 12000)))
    case("exp 9e18", "Table", "jwt_claim_type", signed(claims(exp=9000000000000000000)))
    case("sub a number", "Table", "jwt_claim_type", signed(claims(sub=42)))
    case("nested 100 deep", "Table", "jwt_malformed", signed(claims(x=nest(99))))


def nest(levels, inner=1):
    for _ in range(levels):
        inner = [inner]
    return inner


def sizes(case):
    for size in (8189, 8190, 8191, 8192):
        token = pad_to(size)
        if token:
            case(f"{size} bytes", "Size", "", token)
    over = next(token for size in range(8193, 8200) if (token := pad_to(size)))
    case(f"{len(over)} bytes", "Size", "jwt_too_large", over)
    for count, code in ((1366, ""), (1367, "jwt_too_large"), (1368, "jwt_too_large")):
        token = header_of(count)
        if token:
            case(f"header of {count} characters", "Size", code, token)
    case("no dot, 1366 characters", "Size", "jwt_malformed", "A" * 1366)
    case("no dot, 1367 characters", "Size", "jwt_too_large", "A" * 1367)
    case("1366 characters, a dot, no more", "Size", "jwt_malformed", "A" * 1366 + ".")
    case("one part too long although the rest is empty", "Size", "jwt_too_large", "A" * 1367 + "..")
    case("8192 dots", "Size", "jwt_malformed", "." * 8192)
    case("8193 dots", "Size", "jwt_too_large", "." * 8193)
    case("8193 bytes of which 4 are a non-ASCII character", "Size", "jwt_too_large", "a.b." + "x" * 8185 + "\U0001f600")


def header_of(count):
    for pad in range(900, 1000):
        token = signed(head=header(pad="x" * pad))
        if len(token.split(".")[0]) == count:
            return token
    return None


def form(case):
    token = signed()
    head, body, mac = token.split(".")
    for comment, value in (
        ("empty text", ""),
        ("one dot", "."),
        ("two dots", ".."),
        ("two parts", f"{head}.{body}"),
        ("four parts", f"{token}.{mac}"),
        ("five parts, as JWE", f"{token}.{mac}.{mac}"),
        ("a dot at the end", token + "."),
        ("a dot at the start", "." + token),
        ("trailing space", token + " "),
        ("tab at the end", token + "\t"),
        ("carriage return and newline at the end", token + "\r\n"),
        ("NUL at the end", token + "\0"),
        ("Bearer in front", "Bearer " + token),
        ("JSON serialisation", json.dumps({"protected": head, "payload": body, "signature": mac})),
        ("no-break space at the end", token + "\u00a0"),
        ("empty header part", f".{body}.{mac}"),
        ("header of one character", f"A.{body}.{mac}"),
        ("header padded", f"{head}==.{body}.{mac}"),
        ("header in the standard alphabet", head.replace("_", "/") + f"+.{body}.{mac}"),
        ("header with a percent sign", f"{head[:-1]}%.{body}.{mac}"),
        ("header with a non-ASCII letter", f"\u00e9{head[1:]}.{body}.{mac}"),
        ("full-width full stop", f"{head}\uff0e{body}\uff0e{mac}"),
    ):
        case(comment, "Form", "jwt_malformed", value)
    for comment, bytes_ in (
        ("a text", '"alg"'),
        ("an array", '[{"alg":"HS256"}]'),
        ("null", "null"),
        ("a number", "1"),
        ("nothing but space", "  "),
        ("single quotes", "{'alg':'HS256'}"),
        ("trailing comma", '{"alg":"HS256","typ":"at+jwt","kid":"k1",}'),
        ("comment", '{"alg":"HS256",/**/"typ":"at+jwt","kid":"k1"}'),
        ("text after the object", '{"alg":"HS256","typ":"at+jwt","kid":"k1"}x'),
        ("a second object", '{"alg":"HS256","typ":"at+jwt","kid":"k1"}{}'),
        ("byte order mark", '\ufeff{"alg":"HS256","typ":"at+jwt","kid":"k1"}'),
        ("unfinished", '{"alg":"HS256","typ":"at+jwt","kid":"k1"'),
        ("NaN", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":NaN}'),
        ("Infinity", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":Infinity}'),
        ("number that no double holds", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":1e400}'),
        ("leading zero", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":01}'),
        ("plus sign", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":+1}'),
        ("number ending in a point", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":1.}'),
        ("lone high surrogate", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":"\\ud800"}'),
        ("lone low surrogate", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":"\\udc00"}'),
        ("surrogates in the wrong order", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":"\\udc00\\ud800"}'),
        ("control character in a text", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":"\n"}'),
        ("bad escape", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":"\\x41"}'),
        ("short escape", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":"\\u41"}'),
        ("member twice, one written by an escape", '{"alg":"HS256","typ":"at+jwt","kid":"k1","\\u006bid":"k1"}'),
        ("member twice, deep", '{"alg":"HS256","typ":"at+jwt","kid":"k1","x":[{"a":1,"a":1}]}'),
        ("depth 17", text(header(x=nest(16)))),
    ):
        case(f"header JSON: {comment}", "Json", "jwt_malformed", signed(head=bytes_))
    case("header JSON: invalid UTF-8", "Json", "jwt_malformed", signed(head=b'{"alg":"HS256","typ":"at+jwt","kid":"k1","x":"\xff"}'))
    case("header JSON: over-long UTF-8", "Json", "jwt_malformed", signed(head=b'{"alg":"HS256","typ":"at+jwt","kid":"k1","x":"\xc0\xaf"}'))
    case("header JSON: surrogate in UTF-8", "Json", "jwt_malformed", signed(head=b'{"alg":"HS256","typ":"at+jwt","kid":"k1","x":"\xed\xa0\x80"}'))
    case("header JSON: depth 16", "Json", "", signed(head=header(x=nest(15))))
    case("header JSON: spaces everywhere", "Json", "", signed(head=' {\n"alg" : "HS256" ,\t"typ":"at+jwt"\r,"kid":"k1" } '))
    case("header JSON: a name written by escapes", "Json", "", signed(head='{"\\u0061lg":"HS256","typ":"at\\u002bjwt","kid":"k\\u0031"}'))
    for comment, claims_text in (
        ("an array", "[]"),
        ("a text", '"x"'),
        ("empty", ""),
        ("unfinished", text(claims())[:-1]),
        ("byte order mark", "\ufeff" + text(claims())),
        ("trailing comma", text(claims())[:-1] + ",}"),
        ("member twice, deep", text(claims())[:-1] + ',"x":{"y":[{"a":1,"a":2}]}}'),
        ("member twice, one written by an escape", text(claims())[:-1] + ',"s\\u0075b":"u-42"}'),
        ("depth 17", text(claims(x=nest(16)))),
        ("lone surrogate", text(claims(x=Raw('"\\ud83d"')))),
        ("lone surrogate in a name", text(claims())[:-1] + ',"\\ud83d":1}'),
        ("number that no double holds", text(claims(x=Raw("1e309")))),
        ("negative number that no double holds", text(claims(x=Raw("-1e309")))),
        ("NaN", text(claims(x=Raw("NaN")))),
        ("hexadecimal", text(claims(x=Raw("0x10")))),
        ("raw tab in a text", text(claims(x=Raw('"\t"')))),
        ("text after the object", text(claims()) + " 1"),
        ("vertical tab as space", "\v" + text(claims())),
    ):
        case(f"claims JSON: {comment}", "Json", "jwt_malformed", signed(claims_text))
    for comment, extra in (
        ("depth 16", nest(15)),
        ("the greatest double", Raw("1.7976931348623157e308")),
        ("a number that rounds to zero", Raw("1e-400")),
        ("an integer of 40 digits", Raw("1" * 40)),
        ("minus zero", Raw("-0")),
        ("escapes", Raw('"\\u0000\\n\\/\\ud83d\\ude00"')),
        ("null", None),
        ("an empty name inside", {"": 1}),
    ):
        case(f"claims JSON: {comment}", "Json", "", signed(claims(x=extra)))
    body_bad = f"{head}.{body[:-1]}+"
    case("claims in the standard alphabet, signed", "Json", "jwt_malformed", resign(body_bad))
    case("claims padded, signed", "Json", "jwt_malformed", resign(f"{head}.{body}="))
    case("claims empty, signed", "Json", "jwt_malformed", resign(f"{head}."))
    case("claims of an impossible length, signed", "Json", "jwt_malformed", resign(f"{head}.{body}A" if len(body) % 4 == 0 else f"{head}.{body}{'A' * (5 - len(body) % 4)}"))


def resign(two_parts):
    return f"{two_parts}.{b64u(KEY.sign(two_parts.encode()))}"


def headers(case):
    for name in ("jwk", "jku", "x5u", "x5c", "enc", "zip"):
        for value in ("https://evil.example", None):
            case(f"header {name} = {json.dumps(value)}", "Header", "jwt_header", signed(head=header(**{name: value})))
    for name in ("crit", "b64"):
        for value in (None, True, ["b64"], ["exp"], ["crit"], [1], "exp", ["exp", "exp"], {}):
            case(f"header {name} = {json.dumps(value)}", "Header", "jwt_crit", signed(head=header(**{name: value})))
    for name in ("x5t", "x5t#S256", "cty", "ALG", "Kid", "url", "nonce", "iss", "exp"):
        case(f"header {name} is ignored", "Header", "", signed(head=header(**{name: "x"})))
    for value in (None, 1, True, [], ["HS256"], {}):
        case(f"alg = {json.dumps(value)}", "Header", "jwt_header", signed(head=header(alg=value)))
    case("alg absent", "Header", "jwt_header", signed(head=header(drop=["alg"])))
    for value in ("", "none", "None", "nOnE", "hs256", "HS256 ", " HS256", "HS384", "HS512", "RS256", "ES256", "Ed25519", "EdDSA", "A128KW", "HS256\u0000"):
        case(f"alg = {json.dumps(value)}", "Algorithm", "jwt_algorithm", signed(head=header(alg=value)))
    unsigned = signed(head=header(alg="none")).rsplit(".", 1)[0] + "."
    case("alg none without a signature", "Algorithm", "jwt_algorithm", unsigned)
    for value in (None, 1, [], ["k1"], {}, "", "k 1", "k1\n", "k\u00e9", "\u007f", "k" * 129):
        case(f"kid = {json.dumps(value)[:24]}", "Header", "jwt_header", signed(head=header(kid=value)))
    case("kid absent", "Header", "jwt_header", signed(head=header(drop=["kid"])))
    for value in ("k2", "K1", "k1.", "../k1", "k1' OR '1'='1", "k" * 128, "!", "~"):
        if " " not in value:
            case(f"kid = {value[:24]}", "Header", "jwt_key_unknown", signed(head=header(kid=value)))
    for value in (None, 1, True, [], ["at+jwt"], {}):
        case(f"typ = {json.dumps(value)}", "Header", "jwt_header", signed(head=header(typ=value)))
    case("typ absent", "Type", "jwt_type", signed(head=header(drop=["typ"])))
    for value in ("", "JWT", "jwt", "at+jwt ", " at+jwt", "at-jwt", "application/", "application/jwt", "application/application/at+jwt", "text/at+jwt", "at+jwt; charset=utf-8", "at+jw\u0442", "logout+jwt", "\u0251t+jwt"):
        case(f"typ = {json.dumps(value)}", "Type", "jwt_type", signed(head=header(typ=value)))
    for value in ("AT+JWT", "At+Jwt", "application/at+jwt", "APPLICATION/AT+JWT", "Application/at+JWT"):
        case(f"typ = {value}", "Type", "", signed(head=header(typ=value)))
    token = signed()
    head, body, mac = token.split(".")
    short = b64u(jwt.strict_b64u(mac)[:31])
    for comment, value in (
        ("empty", ""),
        ("31 bytes", short),
        ("33 bytes", b64u(jwt.strict_b64u(mac) + b"\0")),
        ("64 bytes", b64u(jwt.strict_b64u(mac) * 2)),
        ("zeros", b64u(bytes(32))),
        ("first bit changed", b64u(bytes([jwt.strict_b64u(mac)[0] ^ 128]) + jwt.strict_b64u(mac)[1:])),
        ("last bit changed", b64u(jwt.strict_b64u(mac)[:-1] + bytes([jwt.strict_b64u(mac)[-1] ^ 1]))),
        ("of another key", signed(key=jwt.Key("HS256", secret=b"k" * 32)).split(".")[2]),
        ("of an empty key", signed(key=jwt.Key("HS256", secret=b"")).split(".")[2]),
        ("of the header alone", b64u(KEY.sign(head.encode()))),
        ("of the claims alone", b64u(KEY.sign(body.encode()))),
        ("of the decoded parts", b64u(KEY.sign(jwt.strict_b64u(head) + b"." + jwt.strict_b64u(body)))),
    ):
        case(f"signature {comment}", "Signature", "jwt_signature", f"{head}.{body}.{value}")
    for comment, value in (("of one character", "A"), ("in the standard alphabet", mac[:-2] + "+/"), ("upper-case hex with a dash in front", "-" + mac[:-3] + "=")):
        case(f"signature {comment}", "Signature", "jwt_malformed", f"{head}.{body}.{value}")
    other = signed(claims(sub="u-43")).split(".")[1]
    case("claims exchanged", "Signature", "jwt_signature", f"{head}.{other}.{mac}")
    case("header exchanged", "Signature", "jwt_signature", f"{signed(head=header(x=1)).split('.')[0]}.{body}.{mac}")


def claim_rows(case):
    required = ("iss", "sub", "aud", "exp", "iat", "jti", "client_id", "sid", "gen", "tv")
    for name in required[1:]:
        if name not in ("aud", "exp"):
            case(f"{name} missing", "ClaimMissing", "jwt_claim_missing", signed(claims(drop=[name])))
    for name in (*required, "nbf", "cnf", "auth_time", "amr", "tenant", "roles", "scope"):
        case(f"{name} null", "ClaimType", "jwt_claim_type", signed(claims(**{name: None})))
        case(f"{name} true", "ClaimType", "jwt_claim_type", signed(claims(**{name: True})))
    for name in ("sub", "jti", "client_id", "sid", "tenant"):
        case(f"{name} empty", "ClaimType", "jwt_claim_type", signed(claims(**{name: ""})))
        case(f"{name} in an array", "ClaimType", "jwt_claim_type", signed(claims(**{name: ["x"]})))
    for value in ("AAECAwQFBgcICQoLDA0ODw==", "AAECAwQFBgcICQoLDA0ODx", "AAECAwQFBgcICQoLDA0O", "AAECAwQFBgcICQoLDA0ODxA", "AAECAwQFBgcICQoLDA0OD+", 7):
        case(f"sid = {json.dumps(value)}", "ClaimType", "jwt_claim_type", signed(claims(sid=value)))
    for name, code in (("iss", "jwt_issuer"), ("aud", "jwt_audience")):
        case(f"{name} empty", "Issuer" if name == "iss" else "Audience", code, signed(claims(**{name: ""})))
    for value in ("https://auth.example/", "https://auth.exampl", "https://AUTH.example", "https://auth.example\u0000", " https://auth.example", "https://auth.example.evil.example"):
        case(f"iss = {json.dumps(value)}", "Issuer", "jwt_issuer", signed(claims(iss=value)))
    for value in ("API", "api ", "apis", "ap", ["web"], ["web", "API"], [], [""], ["x"] * 16, ["api"] * 17, ["api", *["x"] * 16]):
        case(f"aud = {json.dumps(value)[:40]}", "Audience", "jwt_audience", signed(claims(aud=value)))
    for value in (["api"], ["web", "api"], ["api", "api"], [*["x"] * 15, "api"], ["", "api"]):
        case(f"aud = {json.dumps(value)[:40]}", "Audience", "", signed(claims(aud=value)))
    for value in (["api", 1], [["api"]], ["api", None], 1, True):
        case(f"aud = {json.dumps(value)}", "ClaimType", "jwt_claim_type", signed(claims(aud=value)))
    for literal in ("0.0", "-0", "-1", "1.0", "1e0", "4294967296", '"0"', "[0]"):
        case(f"gen = {literal}", "Numbers", "jwt_claim_type", signed(claims(gen=Raw(literal))))
    case("gen = 2^32 - 1", "Numbers", "", signed(claims(gen=4294967295)), expect={"gen": 4294967295})
    top = 2**53 - 1
    for literal in ("[]", "[0,0]", "[0,0,0,0]", "0", "{}", "[0,0,-1]", "[0,0,0.0]", "[0,0,1e1]", '[0,0,"0"]', "[0,null,0]", f"[0,0,{top + 1}]", "[0,0,-0]"):
        case(f"tv = {literal}", "Numbers", "jwt_claim_type", signed(claims(tv=Raw(literal))))
    case("tv at its top", "Numbers", "", signed(claims(tv=[top, 0, top])), expect={"tv": [top, 0, top]})
    for name in ("exp", "iat", "nbf", "auth_time"):
        for literal in ("-1", "1795248000.0", "1.7952480e9", "1795248000e0", str(top + 1), "-0", "[]"):
            case(f"{name} = {literal}", "Numbers", "jwt_claim_type", signed(claims(**{name: Raw(literal)})))
    case("auth_time = 0", "Numbers", "", signed(claims(auth_time=0)), expect={"auth_time": 0})
    case("auth_time at its top", "Numbers", "", signed(claims(auth_time=top)), expect={"auth_time": top})
    for value in (["a", 1], "a", {}, [None], [["a"]]):
        case(f"roles = {json.dumps(value)}", "ClaimType", "jwt_claim_type", signed(claims(roles=value)))
        case(f"amr = {json.dumps(value)}", "ClaimType", "jwt_claim_type", signed(claims(amr=value)))
    for name, value in (("roles", []), ("roles", [""]), ("amr", [""]), ("scope", ""), ("roles", ["a", "a"]), ("tenant", "acme"), ("scope", "read write")):
        case(f"{name} = {json.dumps(value)}", "Text", "", signed(claims(**{name: value})), expect={name: value})
    for value in (1, ["read"], {}):
        case(f"scope = {json.dumps(value)}", "ClaimType", "jwt_claim_type", signed(claims(scope=value)))
    jkt = "A" * 43
    for value in ({}, {"jkt": 1}, {"jkt": "A" * 42}, {"jkt": "A" * 44}, {"jkt": ""}, {"x5t#S256": jkt}, {"jkt": jkt, "x": 1}, [], "x"):
        case(f"cnf = {json.dumps(value)[:40]}", "Dpop", "jwt_claim_type", signed(claims(cnf=value)))
    case("cnf.jkt without a proof", "Dpop", "dpop_missing", signed(claims(cnf={"jkt": jkt})))
    for subject in ("\u00fc\u00df\u4e2d", "\U0001f600", "a\u0000b", "x" * 300, "u.42", " "):
        case(f"sub = {json.dumps(subject)[:30]}", "Text", "", signed(claims(sub=subject)), expect={"sub": subject})
    case("extra claims are handed on", "Text", "", signed(claims(email="a@b.example", n=1.5, o={"k": [1, "2", None]})), expect={"email": "a@b.example", "n": 1.5, "o": {"k": [1, "2", None]}})
    case("names are case-sensitive", "Text", "", signed(claims(Exp="x", ISS=1, TV=None)), expect={"ISS": 1})


def times(case):
    second = 1_000_000
    exp, leeway = 1795248900 * second, 30 * second
    case("one µs before exp + leeway", "Times", "", signed(), exp + leeway - 1)
    case("at exp + leeway", "Times", "jwt_expired", signed(), exp + leeway)
    case("at exp", "Times", "", signed(), exp)
    iat = 1795248000 * second
    case("at iat - leeway", "Times", "", signed(), iat - leeway)
    case("one µs before iat - leeway", "Times", "jwt_issued_in_future", signed(), iat - leeway - 1)
    nbf = signed(claims(nbf=1795248300))
    case("at nbf - leeway", "Times", "", nbf, 1795248270 * second)
    case("one µs before nbf - leeway", "Times", "jwt_not_yet_valid", nbf, 1795248270 * second - 1)
    case("nbf after exp, after exp", "Times", "jwt_not_yet_valid", signed(claims(nbf=1795250000)), exp + leeway)
    case("nbf = 0", "Times", "", signed(claims(nbf=0)))
    for life, code in ((900, ""), (901, "jwt_lifetime"), (1, ""), (0, "jwt_lifetime"), (-1, "jwt_lifetime")):
        case(f"exp - iat = {life} s", "Lifetime", code, signed(claims(exp=1795248000 + life)), iat)
    case("exp = iat, long expired", "Lifetime", "jwt_lifetime", signed(claims(exp=1795248000)), exp)
    case("exp at the top of its range", "Lifetime", "jwt_lifetime", signed(claims(exp=2**53 - 1)))
    case("iat = 0", "Lifetime", "jwt_lifetime", signed(claims(iat=0)))
    case("exp = 0", "Lifetime", "jwt_lifetime", signed(claims(exp=0)))
    case("iat = 0, exp = 900", "Times", "jwt_expired", signed(claims(iat=0, exp=900)))
    case("the clock at zero", "Times", "jwt_issued_in_future", signed(), 0)
    case("the clock before 1970", "Times", "jwt_issued_in_future", signed(claims(iat=0, exp=900)), -(10**8))
    case("the clock 20 s before 1970", "Times", "", signed(claims(iat=0, exp=900)), -20 * second)
    case("iat and exp at the top of their range", "Times", "jwt_issued_in_future", signed(claims(iat=2**53 - 2, exp=2**53 - 1)))


def order(case):
    """Each pair of neighbours in the order of codes: the earlier one is said."""
    long_ = "x" * 12000
    case("too large, and not three parts", "Order", "jwt_too_large", long_)
    case("malformed header before crit", "Order", "jwt_malformed", signed(head='{"crit":["x"],"alg":"HS256","alg":"HS256"}'))
    case("crit before a wrong alg", "Order", "jwt_crit", signed(head=header(crit=["x"], alg=1)))
    case("b64 before jwk", "Order", "jwt_crit", signed(head=header(b64=False, jwk={})))
    case("header before unknown key", "Order", "jwt_header", signed(head=header(jku="x", kid="k9")))
    case("typ not text before unknown key", "Order", "jwt_header", signed(head=header(typ=1, kid="k9")))
    case("unknown key before alg", "Order", "jwt_key_unknown", signed(head=header(kid="k9", alg="none")))
    case("alg before typ", "Order", "jwt_algorithm", signed(head=header(alg="HS512", typ="JWT")))
    head, body, mac = signed(head=header(typ="JWT")).split(".")
    case("typ before signature", "Order", "jwt_type", f"{head}.{body}.{mac[:-4]}AAAA")
    case("typ before a malformed signature", "Order", "jwt_type", f"{head}.{body}.{mac}=")
    head, body, mac = signed().split(".")
    case("malformed signature before malformed claims", "Order", "jwt_malformed", f"{head}.{body}=.{mac}=")
    case("signature before malformed claims", "Order", "jwt_signature", f"{head}.{body}=.{mac}")
    case("signature before claims that are no JSON", "Order", "jwt_signature", f"{head}.{b64u(b'{')}.{mac}")
    case("unknown key before a malformed signature", "Order", "jwt_key_unknown", signed(head=header(kid="k9")) + "=")
    case("malformed claims before a missing one", "Order", "jwt_malformed", signed('{"a":1,"a":1}'))
    case("missing before type", "Order", "jwt_claim_missing", signed(claims(drop=["tv"], iss=1)))
    case("type before issuer", "Order", "jwt_claim_type", signed(claims(iss="x", gen="0")))
    case("type of an optional claim before issuer", "Order", "jwt_claim_type", signed(claims(iss="x", tenant="")))
    case("cnf's form before issuer", "Order", "jwt_claim_type", signed(claims(iss="x", cnf={})))
    case("issuer before audience", "Order", "jwt_issuer", signed(claims(iss="x", aud="x")))
    case("audience before lifetime", "Order", "jwt_audience", signed(claims(aud="x", exp=1795290000)))
    case("audience without elements before lifetime", "Order", "jwt_audience", signed(claims(aud=[], exp=1795290000)))
    case("lifetime before issued in the future", "Order", "jwt_lifetime", signed(claims(iat=1795290000, exp=1795299999)))
    case("issued in the future before not yet valid", "Order", "jwt_issued_in_future", signed(claims(iat=1795250000, exp=1795250900, nbf=1795250000)))
    case("not yet valid before expired", "Order", "jwt_not_yet_valid", signed(claims(nbf=1799999999)), 1795250000000000)
    case("expired before the missing proof", "Order", "jwt_expired", signed(claims(cnf={"jkt": "A" * 43})), 1795250000000000)
    case("not yet valid before the missing proof", "Order", "jwt_not_yet_valid", signed(claims(nbf=1799999999, cnf={"jkt": "A" * 43})))


def keys(file):
    """Several keys in all states, and their times."""
    from cases_jwt_data import ED_SEED, OTHER_SECRET, private_pem, public_pem

    policy = copy.deepcopy(OWN)
    policy["tokens"]["access_ttl"] = "10m"
    policy["tokens"]["signing_keys"] = [
        {"kid": "next", "alg": "HS256", "secret": "hex:" + "11" * 32, "state": "next"},
        {**KEY_POLICY, "state": "active", "max_ttl": "15m"},
        {"kid": "old", "alg": "HS256", "secret": OTHER_SECRET, "state": "retired", "max_ttl": "24h", "not_after": "2026-11-21T08:10:00Z"},
        {"kid": "later", "alg": "HS256", "secret": "hex:" + "22" * 32, "state": "next", "not_before": "2026-11-21T08:10:00.5Z"},
        {"kid": "ed", "alg": "Ed25519", "private_key": private_pem(ED_SEED), "state": "retired"},
        {"kid": "ed-public", "alg": "EdDSA", "public_key": public_pem(bytes(range(32))), "state": "retired"},
    ]
    case = Cases(file, policy).case
    material = {
        "next": jwt.Key("HS256", secret=b"\x11" * 32),
        "k1": KEY,
        "old": jwt.Key("HS256", secret=OTHER_SECRET.encode()),
        "later": jwt.Key("HS256", secret=b"\x22" * 32),
        "ed": jwt.Key("Ed25519", seed=ED_SEED),
        "ed-public": jwt.Key("EdDSA", seed=bytes(range(32))),
    }
    ten = claims(exp=1795248600)

    def by(kid, body=ten, alg=None, key=None, **changes):
        name = alg or ("Ed25519" if kid.startswith("ed") else "HS256")
        return signed(body, header(kid=kid, alg=name, **changes), key or material[kid])

    for kid in ("next", "k1", "old", "ed", "ed-public"):
        case(f"key {kid}", "Keys", "", by(kid))
    for kid in ("ed", "ed-public"):
        case(f"key {kid} under the name EdDSA", "Keys", "", by(kid, alg="EdDSA"))
        for alg in ("HS256", "ed25519", "EDDSA", "Ed448", "ES256", "none"):
            case(f"key {kid} under the name {alg}", "Keys", "jwt_algorithm", by(kid, alg=alg))
    raw = jwt.Key("HS256", secret=material["ed"].public)
    case("HS256 by the public key's bytes", "Keys", "jwt_algorithm", by("ed", alg="HS256", key=raw))
    case("HS256 by the public key's PEM", "Keys", "jwt_algorithm", by("ed", alg="HS256", key=jwt.Key("HS256", secret=public_pem(ED_SEED).encode())))
    case("Ed25519 under the kid of an HMAC key", "Keys", "jwt_algorithm", by("k1", alg="Ed25519", key=material["ed"]))
    case("key next signed by key k1", "Keys", "jwt_signature", by("next", key=KEY))
    token = by("ed")
    head, body, mac = token.split(".")
    data = jwt.strict_b64u(mac)
    order_l = 2**252 + 27742317777372353535851937790883648493
    grown = int.from_bytes(data[32:], "little") + order_l
    for comment, value in (
        ("S + L (malleable)", data[:32] + grown.to_bytes(32, "little")),
        ("zeros", bytes(64)),
        ("63 bytes", data[:63]),
        ("65 bytes", data + b"\0"),
        ("32 bytes", data[:32]),
        ("R changed", bytes([data[0] ^ 1]) + data[1:]),
        ("S changed", data[:40] + bytes([data[40] ^ 1]) + data[41:]),
        ("empty", b""),
        ("R the neutral element, S zero", b"\x01" + bytes(63)),
    ):
        case(f"Ed25519 signature: {comment}", "Keys", "jwt_signature", f"{head}.{body}.{b64u(value)}")
    second = 1_000_000
    case("key not after: one µs before", "KeyTimes", "", by("old", claims(exp=1795248900)), 1795248600 * second - 1)
    case("key not after: at it", "KeyTimes", "jwt_key_unknown", by("old", claims(exp=1795248900)), 1795248600 * second)
    case("key not before: one µs before", "KeyTimes", "jwt_key_unknown", by("later", claims(iat=1795248590, exp=1795249000)), 1795248600 * second + 499_999)
    case("key not before: at it", "KeyTimes", "", by("later", claims(iat=1795248590, exp=1795249000)), 1795248600 * second + 500_000)
    case("max_ttl of a key is access_ttl unless set", "Lifetime", "jwt_lifetime", by("next", claims(exp=1795248601)))
    case("max_ttl of the active key set above access_ttl", "Lifetime", "", by("k1", claims(exp=1795248900)))
    case("max_ttl of the active key passed", "Lifetime", "jwt_lifetime", by("k1", claims(exp=1795248901)))
    case("max_ttl 24 h of a retired key", "Lifetime", "", by("old", claims(exp=1795248000 + 86400)))
    case("max_ttl 24 h of a retired key passed", "Lifetime", "jwt_lifetime", by("old", claims(exp=1795248001 + 86400)))


def policies(file):
    """Leeway at its ends, several audiences, odd issuer texts."""
    second = 1_000_000
    for leeway, micros in (("0s", 0), ("120s", 120 * second), ("1500ms", 1_500_000), ("1us", 1)):
        policy = copy.deepcopy(OWN)
        policy["tokens"]["leeway"] = leeway
        case = Cases(file, policy).case
        exp, iat = 1795248900 * second, 1795248000 * second
        case(f"leeway {leeway}: last instant", "Times", "", signed(), exp + micros - 1)
        case(f"leeway {leeway}: expired", "Times", "jwt_expired", signed(), exp + micros)
        case(f"leeway {leeway}: first instant", "Times", "", signed(), iat - micros)
        case(f"leeway {leeway}: issued in the future", "Times", "jwt_issued_in_future", signed(), iat - micros - 1)
    policy = copy.deepcopy(OWN)
    policy["tokens"]["audience"] = ["api", "admin", "https://\u00e9.example"]
    case = Cases(file, policy).case
    for value in ("api", "admin", "https://\u00e9.example", ["x", "admin"]):
        case(f"one of three audiences: {json.dumps(value)}", "Audience", "", signed(claims(aud=value)))
    case("none of three audiences", "Audience", "jwt_audience", signed(claims(aud=["apiadmin", "api,admin"])))
    case("an audience in another normal form", "Audience", "jwt_audience", signed(claims(aud="https://e\u0301.example")))
