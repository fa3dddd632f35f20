"""The values that the pages and the RFCs print: the oracle must reproduce them before it may say anything."""

import base64
import hashlib
import json
from pathlib import Path

import jwt
import refresh_token as rt
import webhook
from keys import Key
from sessions import Service
from strict_json import canonical
from wire import Entropy, b64u, sha256, strict_b64u

EXAMPLE = Path(__file__).parent.parent / "vectors" / "example.json"

WORKED = """
K_mac[1]   9c641e46f777a61588c0dc9c3924d6c4493d53b0fb8dc4b62e697bdfa796bfa4
K_hash[1]  a6448876941a11e5bff91e8306d25fc9a7f6d1ae7f45b271485ae99ae81c7335
K_next[1]  fa69d77efaffa7fbdd771c55e400bb00ca92b61858f532391ab93acd097e66a1
owner      4614336d8ed0598ef2fb02e9e0ab040d4796b834cdd15da8d10cf42f181593a7
family_id  4614336d8ed0598e3e7077fd2f66d689
login      fa1e77e2fb724a989b53968f66dd8ea8d2901a84ed001f02a160f5eb51dc4286
secret_0   e0cee6a7cf5b37bf2dca7c979af356d0a31cbc5c85605c7d2ae1c19c0cbd378e
hash_0     6e7b3be90eda98a912e777eb0ec031d412a57470229dc6f1e0c2a13ebce90453
token_0    gwr1_AQBGFDNtjtBZjj5wd_0vZtaJAAAAAODO5qfPWze_Lcp8l5rzVtCjHLxchWBcfSrhwZwMvTeOipOirXiULEOYqi4vwyXS0w3LuSAF
nonce_1    09536d455275cf21d81f51781eeb8f46a0e112e86ca335896ccc12cee00e6cfc
secret_1   f0bb6a1ae2dd3a13555a2f6f854735248ecf39fe35dcd5aa1478bee94aecc1a3
hash_1     55973e587fab94ff32a95a5ca43fd3144629278b12f794b59516e9dd81b84949
token_1    gwr1_AQBGFDNtjtBZjj5wd_0vZtaJAAAAAfC7ahri3ToTVVovb4VHNSSOzzn-NdzVqhR4vulK7MGj3TjeCOGz9XUGCdj15ds4xQ27PUqs
its_hash   be45cb2605bf36bebde684841a28f0fd
root_2     f2879b7acd1780b46e16660eec0b4f96ebe207799678bf4b66caec6143bdc76b
nonce_2    dfeff2693829d50ffbcac100d0fbe745482e032f93f6bafb9899307f9d747746
secret_2   bb9c3459c47572c1549019accdb3647011eb01a90abf20d9de6d8433cc548433
hash_2     31aff40093a850b54042729288ccf8d2009f2b57658d5a9177e899dc4b0c3deb
token_2    gwr1_AgBGFDNtjtBZjj5wd_0vZtaJAAAAArucNFnEdXLBVJAZrM2zZHAR6wGpCr8g2d5thDPMVIQzmi56ewfiA5JQCgNSsDuKKA1Lo2Bk
"""


def check():
    for test in (worked_vector, example_file, webhook_values, rfc_values, canonical_values):
        test()


def same(name, got, want):
    if got != want:
        raise SystemExit(f"the oracle is wrong about {name}: {got} instead of {want}")


def worked_vector():
    want = dict(line.split() for line in WORKED.strip().splitlines())
    group = json.loads(EXAMPLE.read_text())["testGroups"][1]
    gate = Service(group["policy"], Entropy(b"\x00"))
    got = {f"K_{purpose}[1]": gate.ring.key(1, purpose).hex() for purpose in ("mac", "hash", "next")}
    got["owner"] = rt.owner("acme", "u-42").hex()
    gate.now = 1795248000000000
    pairs = [gate.issue(tenant="acme", subject="u-42", client="web")]
    family = next(iter(gate.store.rows))
    got["family_id"] = family.hex()
    states = [gate.store.rows[family]]
    got["login"] = rt.login_digest(family, "gwr1_", states[0].login).hex()
    key = bytes(range(16))
    got["its_hash"] = sha256(key)[:16].hex()
    gate.now = 1795248600000000
    pairs.append(gate.refresh(pairs[0]["refresh_token"], retry_key=key))
    states.append(gate.store.rows[family])
    root = hashlib.sha256(b"gatewright second root").digest()
    got["root_2"] = root.hex()
    roots = [{**group["policy"]["root_keys"][0], "state": "retired"}]
    roots.append({"id": 2, "secret": "hex:" + root.hex(), "state": "active"})
    gate = Service({**group["policy"], "root_keys": roots}, gate.entropy, gate.store)
    gate.now = 1795249200000000
    pairs.append(gate.refresh(pairs[1]["refresh_token"]))
    states.append(gate.store.rows[family])
    for gen, (pair, row) in enumerate(zip(pairs, states)):
        got[f"token_{gen}"] = pair["refresh_token"]
        got[f"secret_{gen}"] = rt.parse(gate.ring, pair["refresh_token"]).secret.hex()
        got[f"hash_{gen}"] = row.cur_hash.hex()
        if gen:
            got[f"nonce_{gen}"] = row.nonce.hex()
    for name, value in want.items():
        same(name, got[name], value)


def example_file():
    first, second = json.loads(EXAMPLE.read_text())["testGroups"]
    test = first["tests"][0]
    claims = jwt.verify(test["token"], jwt.Profile(first["policy"]["tokens"]), test["now"])
    same("the control token", (claims["sub"], claims["gen"].text), ("u-42", "0"))
    from sequences import replay

    replay(second, second["tests"][0])


def webhook_values():
    parking = webhook.Endpoint({"id": "p", "preset": "parking", "min_len": 8, "secrets": [{"id": "a", "secret": "shared-secret"}]})
    body = b'{"deviceId":"p-17","state":"occupied"}'
    now = 1795248000000000
    signed = dict(parking.sign(now, body, nonce="n-0001"))
    same("parking time", signed["X-Timestamp"], "2026-11-21T08:00:00Z")
    want = "sha256=24faf2864d48d8a066f4617f5ad0befe3f2396d6c08ab55d54bf5cfec6f51c7c"
    same("parking", signed["X-Chirpstack-Signature"], want)
    edge = webhook.Endpoint({"id": "e", "preset": "edge_sync", "min_len": 8, "secrets": [{"id": "a", "secret": "shared-secret"}]})
    signed = dict(edge.sign(now, b'{"batch":[1,2,3]}'))
    same("edge", signed["x-signature"], "9502cf4b9eee3f75a14914771377646e1bc71ebd3be962d84b66bf113a1782bf")
    # The message that the Standard Webhooks specification prints.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    std = webhook.Endpoint({"id": "s", "preset": "standard_webhooks", "secrets": [{"id": "a", "secret": secret}]})
    signed = dict(std.sign(1614265330 * 10**6, b'{"test": 2432232314}', id="msg_p5jXN8AQM9LWM0D4loKWxJek"))
    same("standard_webhooks", signed["webhook-signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")


RFC7515_A1_KEY = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
RFC7515_A1 = (
    "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
)
RFC8037_D = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
RFC8037_X = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC8037_A4 = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
    ".hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def rfc_values():
    key = Key("HS256", secret=base64.urlsafe_b64decode(RFC7515_A1_KEY + "=="))
    payload = b'{"iss":"joe",\r\n "exp":1300819380,\r\n "http://example.com/is_root":true}'
    same("RFC 7515 A.1", jwt.verify_jws(RFC7515_A1, [(None, None, key)]), payload)
    same("RFC 7515 A.1, signed", jwt.compact(b'{"typ":"JWT",\r\n "alg":"HS256"}', payload, key), RFC7515_A1)
    seed = strict_b64u(RFC8037_D)
    ed = Key("EdDSA", seed=seed)
    same("RFC 8037 A.2", b64u(ed.public), RFC8037_X)
    same("RFC 8037 A.4", jwt.verify_jws(RFC8037_A4, [(None, None, ed)]), b"Example of Ed25519 signing")
    same("RFC 8037 A.4, signed", jwt.compact('{"alg":"EdDSA"}', b"Example of Ed25519 signing", ed), RFC8037_A4)


def canonical_values():
    """RFC 8785, section 3.2.2 and appendix B."""
    numbers = {5e-324: "5e-324", 1.7976931348623157e308: "1.7976931348623157e+308", 9007199254740992.0: "9007199254740992"}
    numbers |= {295147905179352830000.0: "295147905179352830000", 1e21: "1e+21", 9.5e-7: "9.5e-7", 1e-6: "0.000001"}
    numbers |= {333333333.3333333: "333333333.3333333", -0.0: "0", 4.5: "4.5", 2e-3: "0.002", 1e30: "1e+30", 1e-27: "1e-27"}
    for number, want in numbers.items():
        same("a number", canonical(number), want)
    same("member order", canonical({"\u20ac": 1, "\r": 2, "1": 3, "\ufb33": 4, "\U0001f600": 5}), '{"\\r":2,"1":3,"\u20ac":1,"\U0001f600":5,"\ufb33":4}')
