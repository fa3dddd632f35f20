"""`idempotency.sequence`: which requests are the same, in each mode of the fingerprint. idempotency.md B5 and B5b, RFC 8785, RFC 6901, RFC 9530."""

import base64
import hashlib
import json

from operations import POLICY, SEED, Operation, route, to
from vector_file import VectorFile

NOTES = {
    "Raw": "raw bytes: one byte more is another request",
    "ContentType": "the essence of the content type belongs to the request, its parameters do not",
    "Query": "the query belongs to the request, as it was received",
    "Custom": "what the caller gives as fingerprint stands for the body",
    "Jcs": "canonical JSON: order, white space and spelling do not tell requests apart",
    "BigInteger": "whole numbers beyond 2^53 keep their digits",
    "NoJson": "a body that is no JSON, has duplicates or is empty is refused under JCS",
    "Exclude": "members that are left out do not tell requests apart",
    "Selected": "only these members tell requests apart; absent is not null",
    "Digest": "the digest of the header stands for the body and is checked against it",
    "Mode": "the mode belongs to the fingerprint",
    "Keyed": "with fingerprint_key the fingerprint is an HMAC: another key, another request",
    "First": "a mismatch is told before all else that is known of the key",
}
IN, REUSED, BAD = "in_progress", "idempotency_key_reused", "invalid_argument"


def policy(**members) -> dict:
    return {**POLICY, "idempotency": members}


def build():
    file = VectorFile("idempotency/fingerprints.json", NOTES)
    groups = {
        name: file.group("idempotency.sequence", policy=policy(**members), seed=SEED)
        for name, members in {
            "raw": {},
            "jcs": {"fingerprint": "jcs"},
            "exclude": {"fingerprint": {"jcs": {"exclude": ["/sent_at", "/meta/trace", "/a~1b", "/c~0d", "/list/0", "/gone/deep", "/"]}}},
            "selected": {"fingerprint": {"selected": ["/order/id", "/amount", "/lines/1/sku", "/a~1b"]}},
            "digest": {"fingerprint": "content_digest"},
            "keyed": {"fingerprint_key": "hex:" + "5a" * 16 + "a5" * 16},
            "routes": {"fingerprint": "jcs", "routes": [route("/raw", fingerprint="raw"), route("/some", fingerprint={"selected": ["/id"]})]},
        }.items()
    }

    def pair(group, comment, flag, first, second, same):
        first, second = ({"body": side} if not isinstance(side, dict) or set(side) <= {"hex", "utf8"} else {"body": None, **side} for side in (first, second))
        with Operation(groups[group], comment, flag) as s:
            s.begin(0, "execute", **first)
            s.begin(1, IN if same else REUSED, **second)

    def bad(group, comment, flag, **arguments):
        with Operation(groups[group], comment, flag) as s:
            s.begin(0, BAD, **{"body": None, **arguments})
            s.begin(1, "execute", **({"body": "{}"} if group != "digest" else {"body": None, "fingerprint": sha256(b"{}")}))

    raw(pair, bad)
    jcs(pair)
    big(pair)
    no_json(bad)
    exclude(pair, bad)
    selected(pair, bad)
    digests(pair, bad)
    modes(groups)
    first(groups["raw"])
    keyed(pair, groups["keyed"])
    return [file]


def raw(pair, bad):
    pair("raw", "the same bytes", "Raw", '{"item":7}', '{"item":7}', True)
    pair("raw", "the same bytes as text and as bytes", "Raw", "{}", {"hex": "7b7d"}, True)
    pair("raw", "no bytes", "Raw", "", "", True)
    pair("raw", "any bytes", "Raw", {"hex": "00ff80c0"}, {"hex": "00ff80c0"}, True)
    for comment, one, two in (
        ("a space more", '{"item":7}', '{"item": 7}'),
        ("a newline at the end", "{}", "{}\n"),
        ("case", "a", "A"),
        ("the order of members", '{"a":1,"b":2}', '{"b":2,"a":1}'),
        ("a zero byte", {"hex": "61"}, {"hex": "6100"}),
        ("nothing and a space", "", " "),
        ("composed and decomposed", "\u00e9", "e\u0301"),
    ):
        pair("raw", f"raw: {comment}", "Raw", one, two, False)
    typed = lambda content_type, body="{}": {"body": body, **({"content_type": content_type} if content_type is not None else {})}
    for comment, one, two, same in (
        ("the same", "application/json", "application/json", True),
        ("with and without a parameter", "application/json", "application/json; charset=utf-8", True),
        ("other parameters", "application/json;charset=utf-8", "application/json;charset=UTF-8;v=2", True),
        ("case", "application/json", "Application/JSON", True),
        ("a space before ;", "application/json", "application/json ;charset=utf-8", True),
        ("other subtypes", "application/json", "application/cbor", False),
        ("other types", "text/plain", "application/plain", False),
        ("a suffix", "application/json", "application/problem+json", False),
        ("given and absent", "application/json", None, False),
        ("absent twice", None, None, True),
        ("empty and absent", "", None, True),
        ("a boundary", "multipart/form-data; boundary=a", "multipart/form-data; boundary=b", True),
    ):
        pair("raw", f"content type: {comment}", "ContentType", typed(one), typed(two), same)
    asked = lambda query: {"body": "{}", **({"query": query} if query is not None else {})}
    for comment, one, two, same in (
        ("the same", "a=1&b=2", "a=1&b=2", True),
        ("another value", "a=1", "a=2", False),
        ("another order", "a=1&b=2", "b=2&a=1", False),
        ("encoded and not", "a=%20", "a= ", False),
        ("the case of an encoding", "a=%2f", "a=%2F", False),
        ("given and absent", "a=1", None, False),
        ("empty and absent", "", None, True),
        ("twice the same member", "a=1", "a=1&a=1", False),
    ):
        pair("raw", f"query: {comment}", "Query", asked(one), asked(two), same)
    for comment, one, two in (
        ("query and body", {"query": "ab", "body": "c"}, {"query": "a", "body": "bc"}),
        ("content type and query", {"content_type": "a", "query": "b", "body": "c"}, {"content_type": "ab", "query": "", "body": "c"}),
        ("all in the body", {"query": "ab", "body": ""}, {"query": "", "body": "ab"}),
    ):
        pair("raw", f"parts do not run together: {comment}", "Query", one, two, False)
    given = lambda text, **more: {"fingerprint": text, **more}
    pair("raw", "custom: the same", "Custom", given("order 7"), given("order 7"), True)
    pair("raw", "custom: another", "Custom", given("order 7"), given("order 8"), False)
    pair("raw", "custom: bytes", "Custom", given({"hex": "00ff"}), given({"hex": "00ff"}), True)
    pair("raw", "custom: text and its bytes", "Custom", given("ab"), given({"hex": "6162"}), True)
    pair("raw", "custom: nothing", "Custom", given(""), given(""), True)
    pair("raw", "custom: another content type", "Custom", given("x", content_type="a/b"), given("x", content_type="a/c"), False)
    pair("raw", "custom: another query", "Custom", given("x", query="a"), given("x", query="b"), False)
    pair("raw", "custom and raw are two modes", "Mode", given("x"), "x", False)
    bad("raw", "neither body nor fingerprint", "Custom")
    bad("raw", "a content type and nothing else", "Custom", content_type="application/json")


def jcs(pair):
    for comment, one, two in (
        ("the order of members", '{"a":1,"b":2}', '{"b":2,"a":1}'),
        ("white space", '{"a":[1,2]}', ' {\t"a" :\r\n [ 1 , 2 ] } '),
        ("order at depth", '{"x":{"a":1,"b":[{"c":1,"d":2}]}}', '{"x":{"b":[{"d":2,"c":1}],"a":1}}'),
        ("escapes", '{"a":"\\u0041\\/\\n"}', '{"a":"A/\\u000a"}'),
        ("escapes in names", '{"\\u0061":1}', '{"a":1}'),
        ("a letter and its escape", '{"a":"\u00e9"}', '{"a":"\\u00e9"}'),
        ("a pair of surrogates", '{"a":"\U0001f600"}', '{"a":"\\uD83D\\uDE00"}'),
        ("upper- and lower-case hex", '{"a":"\\u00E9"}', '{"a":"\\u00e9"}'),
        ("1 and 1.0", '{"a":1}', '{"a":1.0}'),
        ("1 and 1e0", '{"a":1}', '{"a":1E0}'),
        ("100 and 1e2", '{"a":100}', '{"a":1e+2}'),
        ("zero and minus zero", '{"a":0}', '{"a":-0}'),
        ("0.1 and 1e-1", '{"a":0.1}', '{"a":1e-1}'),
        ("zeros behind", '{"a":1.5}', '{"a":1.500}'),
        ("digits that a double has not", '{"a":0.1}', '{"a":0.10000000000000000001}'),
        ("a small number", '{"a":0.0000001}', '{"a":1e-7}'),
        ("2^53", '{"a":9007199254740992}', '{"a":9007199254740992.0}'),
        ("a whole number as an exponent", '{"a":123456789}', '{"a":1.23456789e8}'),
        ("a text alone", '"a"', ' "\\u0061" '),
        ("a number alone", "1", "1.0"),
        ("null alone", "null", " null "),
        ("an empty object", "{}", "{ }"),
        ("an empty list", "[]", "[ ]"),
        ("names sorted as UTF-16", '{"\ue000":1,"\U0001f600":2}', '{"\U0001f600":2,"\ue000":1}'),
        ("the empty name", '{"":1,"a":2}', '{"a":2,"":1}'),
    ):
        pair("jcs", f"the same: {comment}", "Jcs", one, two, True)
    for comment, one, two in (
        ("another value", '{"a":1}', '{"a":2}'),
        ("another name", '{"a":1}', '{"b":1}'),
        ("the order of a list", "[1,2]", "[2,1]"),
        ("a number and its text", '{"a":1}', '{"a":"1"}'),
        ("null and absent", '{"a":null}', "{}"),
        ("null and false", '{"a":null}', '{"a":false}'),
        ("null and its text", '{"a":null}', '{"a":"null"}'),
        ("true and 1", '{"a":true}', '{"a":1}'),
        ("an empty list and an empty object", '{"a":[]}', '{"a":{}}'),
        ("a list and its element", '{"a":[1]}', '{"a":1}'),
        ("composed and decomposed", '{"a":"\u00e9"}', '{"a":"e\u0301"}'),
        ("case of a name", '{"a":1}', '{"A":1}'),
        ("a space in a text", '{"a":"x"}', '{"a":"x "}'),
        ("two doubles beside each other", '{"a":0.1}', '{"a":0.10000000000000002}'),
        ("a member more", '{"a":1}', '{"a":1,"b":null}'),
        ("the empty text and absent", '{"a":""}', "{}"),
    ):
        pair("jcs", f"not the same: {comment}", "Jcs", one, two, False)
    pair("jcs", "the content type belongs to it", "ContentType", {"body": "{}", "content_type": "a/b"}, {"body": "{}", "content_type": "a/c"}, False)
    pair("jcs", "the query belongs to it", "Query", {"body": "{}", "query": "a"}, {"body": "{}", "query": "b"}, False)
    pair("jcs", "a fingerprint of the caller's stands for the body", "Custom", {"fingerprint": "no json"}, {"fingerprint": "no json"}, True)


def big(pair):
    body = lambda number: '{"id":%s}' % number  # noqa: UP031
    for comment, one, two, same in (
        ("2^53 and 2^53 + 1", 2**53, 2**53 + 1, False),
        ("2^53 + 1 twice", 2**53 + 1, 2**53 + 1, True),
        ("2^53 + 1 and 2^53 + 2", 2**53 + 1, 2**53 + 2, False),
        ("-2^53 - 1 and -2^53", -(2**53) - 1, -(2**53), False),
        ("-2^53 - 1 twice", -(2**53) - 1, -(2**53) - 1, True),
        ("two snowflakes beside each other", 1795248000000000001, 1795248000000000002, False),
        ("2^63 - 1 and 2^63", 2**63 - 1, 2**63, False),
        ("2^64 - 1 and 2^64", 2**64 - 1, 2**64, False),
        ("40 digits", 10**39 + 1, 10**39 + 2, False),
        ("40 digits twice", 10**39 + 1, 10**39 + 1, True),
    ):
        pair("jcs", f"whole numbers: {comment}", "BigInteger", body(one), body(two), same)
    pair("jcs", "whole numbers: in a list", "BigInteger", "[9007199254740993]", "[9007199254740992]", False)
    pair("jcs", "whole numbers: spaces around it", "BigInteger", "[9007199254740993]", "[ 9007199254740993 ]", True)
    pair("selected", "whole numbers: in a selected member", "BigInteger", '{"amount":9007199254740993}', '{"amount":9007199254740992}', False)
    pair("exclude", "whole numbers: beside an excluded member", "BigInteger", '{"id":9007199254740993}', '{"id":9007199254740992,"sent_at":1}', False)


def no_json(bad):
    for comment, body in {
        "nothing": "",
        "spaces": "  ",
        "text": "order 7",
        "a form": "item=7&count=2",
        "an object without end": '{"a":1',
        "two values": "{}{}",
        "text behind it": '{"a":1} x',
        "a comma at the end": '{"a":1,}',
        "a comma at the end of a list": "[1,]",
        "single quotes": "{'a':1}",
        "a name without quotes": "{a:1}",
        "a comment": '{"a":1} // x',
        "NaN": '{"a":NaN}',
        "Infinity": '{"a":-Infinity}',
        "a number with a zero in front": '{"a":01}',
        "a number with a plus": '{"a":+1}',
        "a number that ends with its point": '{"a":1.}',
        "a number that begins with its point": '{"a":.5}',
        "a hexadecimal number": '{"a":0x1}',
        "a control character in a text": '{"a":"x\ty"}',
        "another escape": '{"a":"\\x41"}',
        "half a surrogate pair": '{"a":"\\ud800"}',
        "surrogates the wrong way round": '{"a":"\\udc00\\ud800"}',
        "a byte order mark": {"hex": b"\xef\xbb\xbf{}".hex()},
        "bytes that are no UTF-8": {"hex": b'{"a":"\xff"}'.hex()},
        "UTF-16": {"hex": "{}".encode("utf-16-le").hex()},
        "True": "True",
        "a name twice": '{"a":1,"a":1}',
        "a name twice, once escaped": '{"a":1,"\\u0061":2}',
        "a name twice at depth": '{"x":[{"a":1,"b":2,"a":3}]}',
    }.items():
        bad("jcs", f"no JSON: {comment}", "NoJson", body=body)


def exclude(pair, bad):
    for comment, one, two, same in (
        ("another value of it", '{"a":1,"sent_at":1}', '{"a":1,"sent_at":2}', True),
        ("there and not there", '{"a":1,"sent_at":1}', '{"a":1}', True),
        ("an object in its place", '{"a":1,"sent_at":{"x":[1]}}', '{"a":1,"sent_at":null}', True),
        ("at depth", '{"meta":{"trace":1,"x":2}}', '{"meta":{"trace":2,"x":2}}', True),
        ("its neighbour at depth", '{"meta":{"trace":1,"x":2}}', '{"meta":{"trace":1,"x":3}}', False),
        ("the same name elsewhere", '{"x":{"sent_at":1}}', '{"x":{"sent_at":2}}', False),
        ("an escaped slash", '{"a/b":1}', '{"a/b":2}', True),
        ("an escaped slash is no step", '{"a":{"b":1}}', '{"a":{"b":2}}', False),
        ("an escaped tilde", '{"c~d":1}', '{"c~d":2}', True),
        ("the first of a list", '{"list":[1,5]}', '{"list":[2,5]}', True),
        ("the second of a list", '{"list":[1,5]}', '{"list":[1,6]}', False),
        ("a way that leads nowhere", '{"gone":1}', '{"gone":1}', True),
        ("a way through what is no object", '{"gone":1}', '{"gone":2}', False),
        ("the empty name", '{"":1,"x":1}', '{"":2,"x":1}', True),
        ("a member beside it", '{"a":1,"sent_at":1}', '{"a":2,"sent_at":1}', False),
        ("its parent is empty or absent", '{"meta":{"trace":1}}', '{"meta":{}}', True),
        ("order and white space as well", '{"sent_at":1,"b":[1],"a":2}', '{ "a":2.0, "b":[ 1 ] }', True),
        ("the name in another case", '{"Sent_at":1}', '{"Sent_at":2}', False),
    ):
        pair("exclude", f"left out: {comment}", "Exclude", one, two, same)
    bad("exclude", "a name twice, although it is left out", "Exclude", body='{"sent_at":1,"sent_at":2}')
    bad("exclude", "no JSON, although members are left out", "Exclude", body="sent_at")


def selected(pair, bad):
    for comment, one, two, same in (
        ("the same", '{"amount":5,"x":1}', '{"amount":5,"x":2}', True),
        ("another value", '{"amount":5}', '{"amount":6}', False),
        ("at depth", '{"order":{"id":1,"x":1}}', '{"order":{"id":1,"x":2}}', True),
        ("another value at depth", '{"order":{"id":1}}', '{"order":{"id":2}}', False),
        ("none of them", '{"x":1}', '{"y":2}', True),
        ("absent and null", "{}", '{"amount":null}', False),
        ("absent and empty", "{}", '{"amount":""}', False),
        ("null twice", '{"amount":null,"x":1}', '{"amount":null}', True),
        ("one in the place of another", '{"amount":1}', '{"order":{"id":1}}', False),
        ("one more", '{"amount":1}', '{"amount":1,"order":{"id":1}}', False),
        ("1 and 1.0", '{"amount":1}', '{"amount":1.0}', True),
        ("a number and its text", '{"amount":1}', '{"amount":"1"}', False),
        ("an object, order and spaces", '{"amount":{"v":1,"u":"EUR"}}', '{ "amount": { "u":"EUR", "v":1 } }', True),
        ("an element of a list", '{"lines":[{"sku":"a"},{"sku":"b"}]}', '{"lines":[{"sku":"x"},{"sku":"b"}]}', True),
        ("another element of a list", '{"lines":[{"sku":"a"},{"sku":"b"}]}', '{"lines":[{"sku":"a"},{"sku":"c"}]}', False),
        ("an element that is not there", '{"lines":[{"sku":"a"}]}', '{"lines":[]}', True),
        ("an escaped slash", '{"a/b":1}', '{"a/b":2}', False),
        ("a step that is no escape", '{"a":{"b":1}}', '{"a":{"b":2}}', True),
        ("a body that is no object", "[1]", "[2]", True),
        ("texts that would run together", '{"amount":"12","order":{"id":"3"}}', '{"amount":"1","order":{"id":"23"}}', False),
    ):
        pair("selected", f"selected: {comment}", "Selected", one, two, same)
    bad("selected", "no JSON", "Selected", body="amount=5")
    bad("selected", "a name twice", "Selected", body='{"amount":1,"amount":1}')
    bad("selected", "an empty body", "Selected", body="")


def sha256(body: bytes) -> str:
    return "sha-256=:" + base64.b64encode(hashlib.sha256(body).digest()).decode() + ":"


def sha512(body: bytes) -> str:
    return "sha-512=:" + base64.b64encode(hashlib.sha512(body).digest()).decode() + ":"


def digests(pair, bad):
    body = json.dumps({"item": 7})
    right, other = sha256(body.encode()), sha256(b"other")
    pair("digest", "the same digest and body", "Digest", {"body": body, "fingerprint": right}, {"body": body, "fingerprint": right}, True)
    pair("digest", "another body with its digest", "Digest", {"body": body, "fingerprint": right}, {"body": "other", "fingerprint": other}, False)
    pair("digest", "the same digest without the body", "Digest", {"fingerprint": right}, {"fingerprint": right}, True)
    pair("digest", "with and without the body", "Digest", {"body": body, "fingerprint": right}, {"fingerprint": right}, True)
    pair("digest", "another digest without the body", "Digest", {"fingerprint": right}, {"fingerprint": other}, False)
    long = sha512(body.encode())
    pair("digest", "SHA-512 of the same body", "Digest", {"body": body, "fingerprint": long}, {"fingerprint": right}, True)
    pair("digest", "SHA-512 of another body", "Digest", {"body": body, "fingerprint": long}, {"fingerprint": other}, False)
    pair("digest", "an empty body", "Digest", {"body": "", "fingerprint": sha256(b"")}, {"fingerprint": sha256(b"")}, True)
    pair("digest", "the query belongs to it", "Query", {"fingerprint": right, "query": "a"}, {"fingerprint": right, "query": "b"}, False)
    for comment, arguments in {
        "the digest of another body": {"body": body, "fingerprint": other},
        "SHA-512 of another body": {"body": body, "fingerprint": sha512(b"other")},
        "the digest of a body with a newline": {"body": body + "\n", "fingerprint": right},
        "an empty header": {"body": body, "fingerprint": ""},
        "hex instead": {"body": body, "fingerprint": hashlib.sha256(body.encode()).hexdigest()},
        "no colons": {"body": body, "fingerprint": right.replace(":", "")},
        "an algorithm that is none": {"body": body, "fingerprint": "crc=:AAAA:"},
        "SHA-256 that is too short": {"body": body, "fingerprint": "sha-256=:QUJD:"},
        "neither": {},
    }.items():
        bad("digest", comment, "Digest", **arguments)


def modes(groups):
    with Operation(groups["routes"], "a route has a mode of its own", "Mode") as s:
        s.begin(0, "execute", body='{"a":1,"b":2}')
        s.begin(1, IN, body='{"b":2,"a":1}')
        s.begin(2, "execute", body='{"a":1,"b":2}', scope=to("/raw"))
        s.begin(3, REUSED, body='{"b":2,"a":1}', scope=to("/raw"))
        s.begin(4, "execute", body="no json", scope=to("/raw"), key="order-0002")
        s.begin(5, "execute", body='{"id":1,"x":1}', scope=to("/some"))
        s.begin(6, IN, body='{"id":1,"x":2}', scope=to("/some"))
        s.begin(7, BAD, body="no json", scope=to("/some"))
        s.begin(8, BAD, body="no json")
    with Operation(groups["raw"], "canonical JSON that is written as such is still another mode", "Mode") as s:
        s.begin(0, "execute", body='{"a":1}')
        s.step("reopen", 1, "valid", policy=policy(fingerprint="jcs"))
        s.begin(2, REUSED, body='{"a":1}')
        s.step("reopen", 3, "valid", policy=policy(fingerprint="raw"))
        s.begin(4, IN, body='{"a":1}')
    with Operation(groups["jcs"], "refused bodies leave nothing behind", "NoJson") as s:
        s.begin(0, BAD, body="{")
        s.begin(1, "execute", "a", body="{}")
        s.begin(2, BAD, body="{")
        s.complete("a", 3)
        s.begin(4, "replay", body=" {} ")


def first(group):
    other = '{"item":8}'
    with Operation(group, "another request while the first is under way", "First") as s:
        s.begin(0, "execute", "a")
        s.begin(1, REUSED, body=other)
        s.begin(2, IN)
        s.complete("a", 3)
    with Operation(group, "another request after the lease", "First") as s:
        s.begin(0, "execute", "a")
        s.begin(31, REUSED, body=other)
        s.begin(32, "resume")
    with Operation(group, "another request after the outcome became unknown", "First") as s:
        s.begin(0, "execute", "a")
        s.mark("a", 1)
        s.begin(31, REUSED, body=other)
        s.begin(32, "outcome_unknown")
    with Operation(group, "another request after completion", "First") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1)
        s.begin(2, REUSED, body=other)
        s.begin(3, "replay")
    with Operation(group, "another request where the answer is not kept", "First") as s:
        s.begin(0, "execute", "a")
        s.step("reopen", 0, "valid", policy=policy(max_stored_body="1B"))
        s.begin(31, "resume", "b")
        s.complete("b", 32)
        s.begin(33, REUSED, body=other)
        s.begin(34, "response_unavailable")
    with Operation(group, "another request after a release is a new one", "First") as s:
        s.begin(0, "execute", "a")
        s.release("a", 1)
        s.begin(2, "execute", body=other)
        s.begin(3, REUSED)
    with Operation(group, "another request after the retention is a new one", "First") as s:
        s.begin(0, "execute", "a")
        s.complete("a", 1)
        s.begin(1 + 86400, "execute", body=other)
        s.begin(2 + 86400, REUSED)


def keyed(pair, group):
    pair("keyed", "keyed: the same", "Keyed", '{"item":7}', '{"item":7}', True)
    pair("keyed", "keyed: another body", "Keyed", '{"item":7}', '{"item":8}', False)
    pair("keyed", "keyed: another query", "Keyed", {"body": "x", "query": "a"}, {"body": "x", "query": "b"}, False)
    pair("keyed", "keyed: custom", "Keyed", {"fingerprint": "x"}, {"fingerprint": "x"}, True)
    other = "base64:" + base64.b64encode(bytes(range(32))).decode()
    for comment, then, want in (
        ("another key", {"fingerprint_key": other}, REUSED),
        ("no key", {}, REUSED),
        ("the same key", {"fingerprint_key": "base64:" + base64.b64encode(bytes.fromhex("5a" * 16 + "a5" * 16)).decode()}, IN),
    ):
        with Operation(group, f"keyed: then {comment}", "Keyed") as s:
            s.begin(0, "execute")
            s.step("reopen", 1, "valid", policy=policy(**then))
            s.begin(2, want)
