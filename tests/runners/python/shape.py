"""The form of a vector file (docs/conformance.md). Whatever is not named there rejects the whole file."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any], bool]
Shape = Mapping[str, Check]


class RejectedError(ValueError):
    """The file does not have the form."""


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_object(value: Any) -> bool:
    return isinstance(value, dict)


def is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_whole(value: Any) -> bool:
    """A whole number; beyond 2^53 it is a text of digits."""
    return is_integer(value) or (is_text(value) and re.fullmatch(r"-?[0-9]+", value) is not None)


def is_anything(value: Any) -> bool:
    return True


def list_of(item: Check) -> Check:
    return lambda value: isinstance(value, list) and all(map(item, value))


def is_binary(value: Any) -> bool:
    try:
        binary(value)
    except (TypeError, ValueError, AttributeError):
        return False
    return True


def binary(value: Any) -> bytes:
    """The bytes of a binary value; `ValueError` if it is none."""
    ((form, content),) = value.items()
    if form == "utf8":
        return str.encode(content)
    if form == "hex" and re.fullmatch(r"([0-9a-fA-F]{2})*", content):
        return bytes.fromhex(content)
    if form == "b64":
        decoded = base64.b64decode(content, validate=True)
        if base64.b64encode(decoded) == content.encode():
            return decoded
        raise binascii.Error("spare bits")
    raise ValueError("no binary value")


def octets(value: Any) -> bytes:
    """The bytes of a binary value, the UTF-8 bytes of a text, or bytes that were saved."""
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else binary(value)


def is_octets(value: Any) -> bool:
    return is_text(value) or is_binary(value)


def is_pair(value: Any) -> bool:
    return (
        isinstance(value, list) and len(value) == 2 and is_text(value[0]) and (is_text(value[1]) or is_binary(value[1]))
    )


def has_texts(value: Any) -> bool:
    return is_object(value) and all(map(is_text, value.values()))


def record(*names: str) -> Check:
    """An object of texts with these members; a name that ends in `?` may be absent."""
    known = {name.removesuffix("?") for name in names}
    required = {name for name in names if not name.endswith("?")}
    return lambda value: has_texts(value) and required <= value.keys() <= known


def is_bool(value: Any) -> bool:
    return isinstance(value, bool)


_UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}


def duration(value: Any) -> int | None:
    """The µs of a whole number of them, or of a duration as a policy writes it."""
    if is_whole(value):
        return int(value)
    match = re.fullmatch(r"([0-9]+)(us|ms|s|m|h|d)", value) if is_text(value) else None
    return None if match is None else int(match[1]) * _UNITS[match[2]]


def is_duration(value: Any) -> bool:
    return duration(value) is not None


def is_item(value: Any) -> bool:
    """`[policy, subject, cost?]` or `{policy, subject, cost?}`."""
    if is_object(value):
        cost = {name: part for name, part in value.items() if name not in ("policy", "subject")}
        value = [value.get("policy"), value.get("subject"), *cost.values()] if cost.keys() <= {"cost"} else None
    return (
        isinstance(value, list)
        and len(value) in (2, 3)
        and all(map(is_text, value[:2]))
        and all(map(is_whole, value[2:]))
    )


def is_rows(value: Any) -> bool:
    """Rows as objects, or a table of text."""
    return is_octets(value) or (isinstance(value, list) and all(map(is_object, value)))


is_texts = list_of(is_text)
is_headers = list_of(is_pair)
is_list = list_of(is_anything)
is_request = record("method", "url")
is_context = record("request_id?", "trace_id?", "method?", "endpoint?", "ip?", "user_agent?")
is_dpop = record("proof", "method", "url")
is_scope = record("tenant?", "principal?", "method?", "path?")
is_device = record("id", "kind?", "name?", "platform?", "app_version?")

GROUPS: dict[str, Shape] = {
    "jws.verify": {"keys": list_of(is_object)},
    "jwt.verify": {"policy": is_object, "env?": has_texts, "issuer?": is_text},
    "refresh.sequence": {"policy": is_object, "env?": has_texts, "seed": is_binary},
    "idempotency.sequence": {"policy": is_object, "env?": has_texts, "seed": is_binary},
    "limits.sequence": {"policy": is_object, "env?": has_texts, "seed": is_binary},
    "webhook.sequence": {"policy": is_object, "env?": has_texts, "seed": is_binary},
    "webhook.verify": {"endpoint": is_object, "env?": has_texts},
    "webhook.sign": {"endpoint": is_object, "env?": has_texts, "seed?": is_binary},
    "headers.render": {"policy": is_object, "env?": has_texts},
    "kpi.evaluate": {},
    "kpi.report": {},
    "config.load": {},
}

TESTS: dict[str, Shape] = {
    "jws.verify": {"jws": is_text},
    "jwt.verify": {"now": is_whole, "token": is_text},
    "refresh.sequence": {"steps": is_list},
    "idempotency.sequence": {"steps": is_list},
    "limits.sequence": {"steps": is_list},
    "webhook.sequence": {"steps": is_list},
    "webhook.verify": {"now": is_whole, "headers": is_headers, "body": is_binary, "request?": is_request},
    "webhook.sign": {"now": is_whole, "body": is_binary, "id?": is_text, "nonce?": is_text, "request?": is_request},
    "headers.render": {"decision": is_object},
    "kpi.evaluate": {"method": is_text, "args": is_object},
    "kpi.report": {"rows": is_rows, "targets?": is_object},
    "config.load": {"format": lambda value: value in {"toml", "json"}, "text": is_text, "env?": has_texts},
}

EXPECT: dict[str, Shape] = {
    "jws.verify": {"payload?": is_binary},
    "jwt.verify": {"claims?": is_object},
    "webhook.verify": {
        "key_id?": is_anything,
        "timestamp?": is_anything,
        "id?": is_anything,
        "nonce?": is_anything,
        "tol?": is_anything,
    },
    "headers.render": {"headers?": is_headers},
    "webhook.sign": {"headers?": is_headers},
    "kpi.evaluate": dict.fromkeys(
        (
            *(
                "id?",
                "value?",
                "status?",
                "reason?",
                "unit?",
                "num?",
                "den?",
                "n?",
                "missing?",
                "basis?",
                "coverage?",
                "warnings?",
            ),
            *("mean?", "sd?", "ci95_low?", "ci95_high?", "min?", "max?", "tol?"),
        ),
        is_anything,
    ),
    "kpi.report": dict.fromkeys(
        (
            *("batches?", "ranking?", "farm?", "targets?", "batch_count?", "rows?", "problem_count?", "problems?"),
            *("figures?", "tol?"),
        ),
        is_anything,
    ),
    "config.load": {"line?": is_anything, "field?": is_anything, "tol?": is_anything},
}


def _texts(*names: str) -> Shape:
    return dict.fromkeys(names, is_text)


_PRESENTER: Shape = {**_texts("token?", "client?", "tenant?", "device_id?"), "dpop?": is_dpop}
_CHECK: Shape = {"endpoint?": is_text, "headers?": is_headers, "body": is_binary, "request?": is_request}
_REOPEN: Shape = {"policy": is_object, "env?": has_texts}

_GUARD = _texts("guard")
_SUBJECT = _texts("policy?", "subject?")
_CHARGE: Shape = {**_SUBJECT, "cost?": is_whole}
_ACCOUNT = _texts("policy?", "identifier?", "device?")

ARGUMENTS: dict[str, dict[str, Shape]] = {
    "limits.sequence": {
        "check": _CHARGE,
        "check_local": _CHARGE,
        "allow_local": _CHARGE,
        "peek": _SUBJECT,
        "reset": _SUBJECT,
        "check_all": {"bundle": list_of(is_item)},
        "reserve": {**_CHARGE, "max_wait": is_duration},
        "refund": {"permit": is_text, "cost?": is_whole},
        "headers": _texts("decision"),
        "parse_headers": {"headers": is_headers},
        "lockout.begin": _ACCOUNT,
        "lockout.unlock": _ACCOUNT,
        "lockout.status": _ACCOUNT,
        "attempt.settle": {"attempt": is_text, "success": is_bool},
        "attempt.abandon": _texts("attempt"),
        "reopen": _REOPEN,
    },
    "idempotency.sequence": {
        "begin": {
            "key?": lambda value: is_octets(value) or list_of(is_octets)(value),
            "scope?": is_scope,
            "body?": is_octets,
            "fingerprint?": is_octets,
            **_texts("content_type?", "query?", "route?"),
        },
        "guard.mark_effects": _GUARD,
        "guard.renew": _GUARD,
        "guard.release": _GUARD,
        "guard.checkpoint": {**_GUARD, "name?": is_text, "bytes?": is_octets},
        "guard.complete": {
            **_GUARD,
            "status": is_whole,
            "headers?": is_headers,
            "body?": is_octets,
            "finish_as?": lambda value: value in {"store", "release"},
        },
        "new_key": {},
        "next_action": {"status": is_whole, "code?": is_text},
        "reopen": _REOPEN,
    },
    "refresh.sequence": {
        "issue": {
            **_texts("subject?", "client?", "tenant?", "scope?", "dpop_jkt?"),
            "roles?": is_texts,
            "amr?": is_texts,
            "device?": is_device,
            "claims?": is_object,
            "auth_time?": is_whole,
        },
        "refresh": {**_PRESENTER, "retry_key?": is_binary},
        "refresh_access_only": _PRESENTER,
        "verify": {**_texts("access?", "issuer?"), "dpop?": is_dpop},
        "verify_fresh": {"access?": is_text, "dpop?": is_dpop},
        "confirm": _texts("access?"),
        "revoke": _texts("token?"),
        "sessions.revoke": _texts("tenant?", "subject?", "session_id?"),
        "sessions.revoke_others": _texts("tenant?", "subject?", "keep?"),
        "sessions.revoke_all": _texts("tenant?", "subject?"),
        "epochs.bump_subject": _texts("tenant?", "subject?", "reason?"),
        "epochs.bump_tenant": _texts("tenant?", "reason?"),
        "epochs.bump_all": _texts("reason?"),
        "reopen": _REOPEN,
    },
    "webhook.sequence": {
        "sign": {**_texts("endpoint?", "id?", "nonce?"), "body": is_binary, "request?": is_request},
        "check": _CHECK,
        "verify": _CHECK,
        "verified.commit": _texts("verified"),
        "verified.release": _texts("verified"),
        "reopen": _REOPEN,
    },
}


def is_result(value: Any) -> bool:
    return value in ("valid", "invalid")


def check_file(file: Any) -> None:
    """Check a whole file; `RejectedError` says what is wrong with it."""
    top: Shape = {"schema": is_text, "numberOfTests": is_integer, "notes?": has_texts, "testGroups": is_list}
    _check_members("the file", file, top)
    if file["schema"] != "gatewright-vectors-1":
        raise RejectedError("the schema is unknown")
    ids: set[int] = set()
    for at, group in enumerate(file["testGroups"]):
        where = f"group {at}"
        kind = group.get("type") if is_object(group) else None
        if not isinstance(kind, str) or kind not in GROUPS:
            raise RejectedError(f"{where} has an unknown type")
        _check_members(where, group, {"type": is_text, "tests": is_list, **GROUPS[kind]})
        for test in group["tests"]:
            _check_test(f"{where}, a test", test, kind)
            if test["tcId"] in ids:
                raise RejectedError(f"tcId {test['tcId']} stands twice")
            ids.add(test["tcId"])
    if len(ids) != file["numberOfTests"]:
        raise RejectedError(f"numberOfTests is {file['numberOfTests']}, there are {len(ids)}")


def _check_test(where: str, test: Any, kind: str) -> None:
    common: Shape = {
        "tcId": is_integer,
        "comment?": is_text,
        "flags?": is_texts,
        "result": is_result,
        "code?": is_text,
        "expect?": is_object,
    }
    _check_members(where, test, {**common, **TESTS[kind]})
    if "expect" in test and kind in EXPECT:
        _check_members(f"{where}: expect", test["expect"], EXPECT[kind])
    for step in test.get("steps", []):
        _check_step(f"{where}: a step", step, ARGUMENTS[kind])


def _check_step(where: str, step: Any, ops: Mapping[str, Shape]) -> None:
    op = step.get("op") if is_object(step) else None
    if not isinstance(op, str) or op not in ops:
        raise RejectedError(f"{where} has an unknown op")
    common: Shape = {
        "op": is_text,
        "now": is_whole,
        "result": is_result,
        "code?": is_text,
        "expect?": is_object,
        "save?": is_text,
        "context?": is_context,
    }
    _check_members(where, step, {**ops[op], **common}, references=True)


def _check_members(where: str, value: Any, shape: Shape, *, references: bool = False) -> None:
    """Check members by name; with `references` a text `$…` stands for a value of any type."""
    if not is_object(value):
        raise RejectedError(f"{where} is no object")
    known = {name.removesuffix("?"): check for name, check in shape.items()}
    for name, content in value.items():
        check = known.get(name)
        if check is None:
            raise RejectedError(f"{where} has an unknown member {name}")
        reference = references and is_text(content) and content.startswith("$")
        if not reference and not check(content):
            raise RejectedError(f"{where}.{name} has a wrong type")
    for name in shape:
        if not name.endswith("?") and name not in value:
            raise RejectedError(f"{where}.{name} is missing")
