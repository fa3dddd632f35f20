#!/usr/bin/env python3
"""Runs vectors (docs/conformance.md) through the Python package: conformance_python.py <folder> <report>."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gatewright import Gate, GatewrightError, testing
from gatewright.errors import InternalError, Problem
from python import kpi, matching, shape, strict_json
from python.calls import CALLS, Done, checked, headers
from python.idempotency import IDEMPOTENCY, refusal
from python.limits import LIMITS
from python.references import Kept, UnresolvedError, resolve_step

Group = Mapping[str, Any]
Test = Mapping[str, Any]
Judged = tuple[str, str | None]
"""The outcome, and what is wrong with it."""


@dataclass
class Got:
    """What came of a call: `valid` with an offer, `invalid` with the code of the library's error, or `error`."""

    result: str
    code: str = ""
    offer: Mapping[str, Any] = field(default_factory=dict)
    detail: str = ""
    handle: Any = None
    gate: Gate | None = None
    problem: Problem | None = None
    cause: str = ""

    @property
    def outcome(self) -> str:
        return f"invalid:{self.code}" if self.result == "invalid" else self.result + self.detail


def attempt(call: Callable[[], Done]) -> Got:
    """Run a call and say what came of it."""
    try:
        done = call()
    except InternalError as error:
        return Got("error", cause=str(error))
    except GatewrightError as error:
        offer = {
            "clear_cookies": error.clear_cookies,
            "reason": error.reason,
            "retry_after": None if error.retry_after is None else round(error.retry_after.total_seconds() * 1_000_000),
            "server_time_ms": error.server_time_ms,
            **refusal(error),
        }
        return Got("invalid", error.code, offer, problem=error.problems[0] if error.problems else None)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        return Got("error", cause=type(error).__name__)
    return Got("valid", "", done.offer, done.detail, done.handle, done.gate)


def complaint(test: Test, got: Got) -> str | None:
    """Why an outcome is not the expected one."""
    if got.result != test["result"] or ("code" in test and got.code != test["code"]):
        wanted = f"invalid:{test['code']}" if test["result"] == "invalid" and "code" in test else test["result"]
        return f"expected {wanted}, got {got.outcome}" + (f" ({got.cause})" if got.cause else "")
    expected, offered = dict(test.get("expect", {})), dict(got.offer)
    # The headers that `sign` gives are a set; those of an answer have an order.
    if "headers" in expected and "headers" in offered and not matching.is_lines(offered["headers"]):
        expected["headers"] = matching.header_set(expected["headers"])
        offered["headers"] = matching.header_set(offered["headers"])
    at = matching.difference(expected, offered)
    return None if at is None else f"expected {got.outcome} with another value at {at}"


def judge(test: Test, got: Got) -> Judged:
    return got.outcome, complaint(test, got)


@contextlib.contextmanager
def opened(policy: str, group: Group, clock: testing.ManualClock, environment: Mapping[str, str]) -> Any:
    """Open the gate of a test."""
    seed = shape.binary(group["seed"]) if "seed" in group else b""
    with testing.from_policy(policy, clock=clock, seed=seed, environment=environment) as gate:
        yield gate


def within(policy: str, group: Group, now: Any, use: Callable[[Gate], Done]) -> Got:
    """Open a gate for one call, and close it."""

    def call() -> Done:
        with opened(policy, group, testing.ManualClock(int(now)), group.get("env", {})) as gate:
            return use(gate)

    return attempt(call)


def jws_verify(group: Group, test: Test) -> Judged:
    keys = [strict_json.write(key) for key in group["keys"]]
    got = attempt(lambda: Done({"payload": testing.verify_jws(keys, test["jws"]).hex()}))
    expect = {name: shape.binary(value).hex() for name, value in test.get("expect", {}).items()}
    return judge({**test, "expect": expect}, got)


def jwt_verify(group: Group, test: Test) -> Judged:
    issuer = {"issuer": group["issuer"]} if "issuer" in group else {}

    def use(gate: Gate) -> Done:
        return Done({"claims": gate.tokens.verify(test["token"], **issuer).as_dict()})

    return judge(test, within(strict_json.write(group["policy"]), group, test["now"], use))


def _endpoint_policy(group: Group) -> str:
    return '{"version": 1, "webhooks": {"endpoints": [' + strict_json.write(group["endpoint"]) + "]}}"


def webhook_verify(group: Group, test: Test) -> Judged:
    def use(gate: Gate) -> Done:
        body = shape.binary(test["body"])
        message = gate.webhooks.check(
            group["endpoint"]["id"], headers(test["headers"]), body, request=test.get("request")
        )
        return Done(checked(message))

    return judge(test, within(_endpoint_policy(group), group, test["now"], use))


def webhook_sign(group: Group, test: Test) -> Judged:
    def use(gate: Gate) -> Done:
        optional = {name: test[name] for name in ("id", "nonce", "request") if name in test}
        signed = gate.webhooks.sign(group["endpoint"]["id"], shape.binary(test["body"]), **optional)
        return Done({"headers": [list(pair) for pair in signed]})

    return judge(test, within(_endpoint_policy(group), group, test["now"], use))


def headers_render(group: Group, test: Test) -> Judged:
    def use(gate: Gate) -> Done:
        rendered = gate.limits.headers(testing.read_decision(strict_json.write(test["decision"])))
        return Done({"headers": [list(pair) for pair in rendered]})

    return judge(test, within(strict_json.write(group["policy"]), group, 0, use))


def kpi_evaluate(_: Group, test: Test) -> Judged:
    return judge(test, attempt(lambda: kpi.evaluate(test["method"], test["args"])))


def kpi_report(_: Group, test: Test) -> Judged:
    return judge(test, attempt(lambda: kpi.report(test["rows"], test.get("targets"))))


def config_load(_: Group, test: Test) -> Judged:
    def call() -> Done:
        with opened(test["text"], {}, testing.ManualClock(0), test.get("env", {})):
            return Done()

    got = attempt(call)
    where = ""
    if got.code == "config_invalid" and got.problem is not None:
        line = got.problem.line
        where = f"@{'' if line is None else line}:{got.problem.field}"
        got.offer = {"line": line, "field": got.problem.field}
    return got.outcome + where, complaint(test, got)


PLAIN = ("op", "now", "result", "code", "save", "policy", "env")
"""The members of a step that never hold a reference."""


def sequence(group: Group, test: Test) -> Judged:
    steps = test["steps"]
    clock = testing.ManualClock(int(steps[0]["now"]) if steps else 0)
    # A gate keeps the environment that it was opened with, and its successors read the same.
    environment = {**group.get("env", {})}
    for step in steps:
        environment.update(step.get("env", {}))
    with contextlib.ExitStack() as gates:
        policy = strict_json.write(group["policy"])
        first = attempt(lambda: Done(gate=gates.enter_context(opened(policy, group, clock, environment))))
        if first.gate is None:
            return first.outcome, f"the gate does not open: {first.outcome} {first.cause}"
        return Steps(group, first.gate, clock, gates).run(steps)


def refreshed(gate: Gate) -> Done:
    testing.refresh_view(gate)
    return Done()


class Steps:
    """The state of a sequence under way."""

    def __init__(self, group: Group, gate: Gate, clock: testing.ManualClock, gates: contextlib.ExitStack) -> None:
        self.calls = {**CALLS, "idempotency.sequence": IDEMPOTENCY, "limits.sequence": LIMITS}[group["type"]]
        self.policy = group["policy"]
        self.gate = gate
        self.clock = clock
        self.gates = gates
        self.saved: dict[str, Kept] = {}
        self.handles: list[Any] = []
        """Kept to the end: a handle that is dropped would be released."""

    def run(self, steps: list[Any]) -> Judged:
        outcomes: list[str] = []
        complaints: list[str] = []
        for at, step in enumerate(steps, 1):
            outcome, wrong = self.step(step)
            outcomes.append(outcome)
            if wrong is not None:
                complaints.append(f"step {at} ({step['op']}): {wrong}")
        return " ".join(outcomes), "; ".join(complaints) or None

    def step(self, step: Mapping[str, Any]) -> Judged:
        self.clock.set(int(step["now"]))
        if "store" in self.policy and "tokens" in self.policy:
            viewed = attempt(lambda: refreshed(self.gate))
            if viewed.result != "valid":
                return "error", f"the view cannot be refreshed: {viewed.outcome}"
        try:
            resolved = resolve_step(step, self.saved, PLAIN)
        except UnresolvedError:
            return "unresolved", "a reference to nothing"
        got = attempt(lambda: self.calls[step["op"]](self.gate, resolved))
        if got.gate is not None:
            self.gate = self.gates.enter_context(got.gate)
            self.policy = step["policy"]
        self.handles.append(got.handle)
        if "save" in step:
            self.saved[step["save"]] = Kept(got.offer, got.handle)
        # The code that `next_action` is given is an argument: the call itself is not refused.
        judged = {name: value for name, value in resolved.items() if step["op"] != "next_action" or name != "code"}
        return judge(judged, got)


RUNNERS: dict[str, Callable[[Group, Test], Judged]] = {
    "jws.verify": jws_verify,
    "jwt.verify": jwt_verify,
    "webhook.verify": webhook_verify,
    "webhook.sign": webhook_sign,
    "config.load": config_load,
    "headers.render": headers_render,
    "kpi.evaluate": kpi_evaluate,
    "kpi.report": kpi_report,
    "idempotency.sequence": sequence,
    "limits.sequence": sequence,
    "refresh.sequence": sequence,
    "webhook.sequence": sequence,
}


class Tally:
    """How many passed and failed."""

    passed = 0
    failed = 0

    def file(self, folder: Path, name: str) -> dict[str, str]:
        """Run a file: tcId → outcome."""
        try:
            file = strict_json.read((folder / name).read_bytes())
            shape.check_file(file)
        except ValueError as error:
            self.failed += 1
            print(f"FAIL {name}: rejected: {error}")
            return {"file": "rejected"}
        outcomes: dict[str, str] = {}
        for group in file["testGroups"]:
            for test in group["tests"]:
                outcomes[str(test["tcId"])], wrong = self.test(group, test)
                if wrong is None:
                    self.passed += 1
                else:
                    self.failed += 1
                    print(f"FAIL {name} tcId {test['tcId']}: {wrong}")
        return outcomes

    @staticmethod
    def test(group: Group, test: Test) -> Judged:
        try:
            return RUNNERS[group["type"]](group, test)
        except Exception as error:
            return "error", f"the test could not be run ({type(error).__name__}: {error})"


def main(arguments: list[str]) -> int:
    """Run every *.json below the folder, sorted by path."""
    if len(arguments) != 2:
        print("usage: conformance_python.py <folder> <report>", file=sys.stderr)
        return 2
    folder = Path(arguments[0])
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.json") if path.is_file())
    tally = Tally()
    report = {name: tally.file(folder, name) for name in names}
    Path(arguments[1]).write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"python: {tally.passed} passed, {tally.failed} failed")
    return 0 if tally.failed == 0 and tally.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
