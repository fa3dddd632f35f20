"""The examples of README and module documentation run as they stand."""

from __future__ import annotations

import asyncio
import inspect
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import gatewright
from conftest import ROOT_SECRET, SIGNING_SECRET
from gatewright import Gate, Limits, Lockout, aio, errors, kpi, testing

README = Path(__file__).parents[1] / "README.md"
LIMITS = Path(__file__).parents[2] / "docs" / "limits.md"

DOCUMENT = f"""
version = 1
root_keys = [{{ id = 1, secret = "{ROOT_SECRET}", state = "active" }}]
[store]
default = "memory:"
[tokens]
issuer = "https://auth.example"
audience = ["api"]
clients = [{{ id = "web", kind = "browser" }}]
[[tokens.signing_keys]]
kid = "k1"
alg = "HS256"
secret = "{SIGNING_SECRET}"
state = "active"
[[webhooks.endpoints]]
id = "chirpstack"
preset = "parking"
secrets = [{{ id = "a", secret = "a shared secret of 32 bytes, yes" }}]
[idempotency]
effects = "explicit"
[limits]
policies = [
  {{ id = "tenant", preset = "tenant" }},
  {{ id = "login", preset = "login" }},
  {{ id = "login_ip", preset = "login_ip" }},
  {{ id = "outbound", tiers = [{{ id = "second", limit = 10, period = "1s" }}], reserve_max_wait = "5s" }},
]
[lockout]
policies = [{{ id = "login", subject = "email" }}]
"""


def blocks_of(documentation: str) -> list[str]:
    """The indented blocks behind a `::`."""
    found = re.findall(r"::\n\n((?:    .*\n|\n)+)", inspect.cleandoc(documentation) + "\n")
    return [textwrap.dedent(block) for block in found]


EXAMPLES = {
    **{page.name: re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL) for page in (README, LIMITS)},
    **{module.__name__: blocks_of(module.__doc__ or "") for module in (gatewright, aio, errors, kpi, testing)},
    **{
        f"{call.__module__}.{call.__name__}": [
            block for member in vars(call).values() for block in blocks_of(getattr(member, "__doc__", "") or "")
        ]
        for call in (*Limits.__mro__[:2], *Lockout.__mro__[:2], aio.Limits, aio.Lockout)
    },
    "figures": [block for name in kpi.__all__ for block in blocks_of(getattr(kpi, name).__doc__ or "")],
}


def test_every_page_has_an_example() -> None:
    # `wait` and the context managers stand in the examples of the classes that these extend.
    assert [page for page, examples in EXAMPLES.items() if not examples] == ["gatewright.Limits", "gatewright.Lockout"]


@pytest.fixture
def names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What the examples take for granted."""
    from datetime import UTC, datetime, timedelta

    monkeypatch.chdir(tmp_path)
    Path("gatewright.toml").write_text(DOCUMENT)
    body = b"{}"
    with Gate.open("gatewright.toml") as gate:
        headers = gate.webhooks.sign("chirpstack", body)

        async def handle_later(*_: object) -> None:
            await asyncio.sleep(0)

        async def check_later(_: str) -> bool:
            await asyncio.sleep(0)
            return True

        yield {
            **vars(errors),
            "Response": lambda *args, **more: (args, more),
            "UTC": UTC,
            "POLICY": DOCUMENT,
            "aio": aio,
            "check": lambda _: True,
            "check_later": check_later,
            "check_password": lambda *_: True,
            "email": "ada@example.com",
            "ip": "203.0.113.7",
            "password": "a guess",
            "log": lambda _: None,
            "body": body,
            "datetime": datetime,
            "gate": gate,
            "handle": handle_later,
            "log_out": lambda *_: None,
            "warn_the_user": lambda: None,
            "headers": headers,
            "kpi": kpi,
            "pytest": pytest,
            "request": SimpleNamespace(headers=headers),
            "testing": testing,
            "timedelta": timedelta,
            "token": gate.tokens.issue(subject="u", client="web").access_token,
        }


@pytest.mark.parametrize(("page", "example"), [(page, block) for page, blocks in EXAMPLES.items() for block in blocks])
def test_the_example_runs(page: str, example: str, names: dict[str, Any]) -> None:
    if "await" in example or "async " in example:
        program = "async def main():\n" + textwrap.indent(example, "    ")
        exec(compile(program, page, "exec"), names)

        async def on_loop() -> None:
            # The examples of single calls take a gate for granted.
            async with aio.Gate.open("gatewright.toml") as gate:
                names["gate"] = gate
                await names["main"]()

        asyncio.run(on_loop())
        return
    names["handle"] = lambda *_: None
    program = "def main():\n" + textwrap.indent(example, "    ")
    exec(compile(program, page, "exec"), names)
    names["main"]()


def test_the_policy_document_of_the_readme_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (document,) = re.findall(r"```toml\n(.*?)```", README.read_text(), re.DOTALL)
    environment = {
        "GATEWRIGHT_ROOT": ROOT_SECRET,
        "GATEWRIGHT_SIGNING": SIGNING_SECRET,
        "GATEWRIGHT_WEBHOOK": "a shared secret of 32 bytes, yes",
    }
    with testing.from_policy(document, environment=environment) as gate:
        assert gate.tokens.issue(subject="u", client="web").outcome == "issued"
        assert len(gate.webhooks.sign("chirpstack", b"")) == 3


def test_the_policies_of_the_page_on_limits_open() -> None:
    (document,) = re.findall(r"```toml\n(.*?)```", LIMITS.read_text(), re.DOTALL)
    with Gate.from_policy(f'version = 1\nstore = {{ default = "memory:" }}\n{document}') as gate:
        assert gate.limits.peek("login", "ada@example.com").tiers[0].limit == 5
        assert gate.lockout.status("login", "ada@example.com").threshold == 10
