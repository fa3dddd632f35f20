"""An HTTP client that sends what it is told and shows what it gets, byte for byte."""

import base64
import http.client
import json
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from servers import Server

Headers = list[tuple[str, str]]
"""Names in lower case; a character of a value is a byte."""

T = TypeVar("T")

# What belongs to one exchange, and may differ from answer to answer.
EXCHANGE = {"connection", "content-length", "date", "keep-alive", "server", "transfer-encoding"}


@dataclass(frozen=True)
class Reply:
    """An answer; status 0 where the connection was closed without one."""

    status: int
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    is_whole: bool = True

    @property
    def kept(self) -> Headers:
        """The headers of the answer itself."""
        return [(name, value) for name, value in self.headers if name not in EXCHANGE]

    def values(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for own, value in self.headers if own == name]

    @property
    def json(self) -> dict[str, Any]:
        """The body."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The code of a problem or an envelope; the status of any other answer."""
        match self.values("content-type"):
            case ["application/problem+json"]:
                assert self.json["status"] == self.status
                return self.json["code"]
            case ["application/json"] if "error" in self.json:
                return self.json["error"]["code"].lower()
        return str(self.status)

    @property
    def is_replay(self) -> bool:
        """Whether it says that it has been sent before."""
        return self.values("idempotent-replayed") == ["true"]


@dataclass(frozen=True)
class Operation:
    """A request that must have one effect, and its plan."""

    path: str
    plan: dict[str, Any] = field(default_factory=dict)
    method: str = "POST"
    key: tuple[bytes, ...] = ()
    tenant: str | None = "acme"
    user: str | None = "u-1"
    content_type: str | None = "application/json"
    body: bytes = b'{"item": 7}'

    @classmethod
    def new(cls, mount: str, **members: Any) -> "Operation":
        """An operation like no other, below a mount such as `/op/implicit`."""
        name = uuid.uuid4().hex
        plan = {"id": name, **members.pop("plan", {})}
        return cls(f"{mount}/{name}", plan, key=members.pop("key", (name.encode(),)), **members)

    @property
    def id(self) -> str:
        """Its name in the journal."""
        return self.plan["id"]

    def planned(self, *steps: list[Any], **plan: Any) -> "Operation":
        """The same operation, with other things to be done."""
        return replace(self, plan={"id": self.id, "steps": list(steps), **plan})

    def headers(self) -> Iterable[tuple[str, str | bytes]]:
        """The headers of the request."""
        yield from (("Idempotency-Key", line) for line in self.key)
        named = {"X-Tenant": self.tenant, "X-User": self.user, "Content-Type": self.content_type}
        yield from ((name, value) for name, value in named.items() if value is not None)
        yield "X-Plan", json.dumps(self.plan)
        yield "Content-Length", str(len(self.body))

    def send(self, server: Server, **members: Any) -> Reply:
        """Send it, with some members changed."""
        return exchange(self.open(server, **members))

    def open(self, server: Server, **members: Any) -> http.client.HTTPConnection:
        """Send it, and leave its answer to be read."""
        request = replace(self, **members)
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.putrequest(request.method, request.path, skip_accept_encoding=True)
        for name, value in request.headers():
            connection.putheader(name, value)
        connection.endheaders(request.body)
        return connection


def exchange(connection: http.client.HTTPConnection) -> Reply:
    """Read the answer to a request that has been sent, and close."""
    try:
        answer = connection.getresponse()
        headers = [(name.lower(), value) for name, value in answer.getheaders()]
        try:
            return Reply(answer.status, headers, answer.read())
        except http.client.IncompleteRead as broken:
            return Reply(answer.status, headers, broken.partial, is_whole=False)
        except ConnectionError:
            return Reply(answer.status, headers, is_whole=False)
    except (http.client.RemoteDisconnected, ConnectionError):
        return Reply(0, is_whole=False)
    finally:
        connection.close()


def eventually(attempt: Callable[[], T], is_it: Callable[[T], bool]) -> T:
    """Try until it is so. Fails after a time that is far beyond what anything takes."""
    end = time.monotonic() + 60
    while True:
        got = attempt()
        if is_it(got):
            return got
        assert time.monotonic() < end, f"it is still {got}"
        time.sleep(0.05)


def settled(server: Server, operation: Operation) -> Reply:
    """The answer to an operation once nobody handles it any more."""
    return eventually(lambda: operation.send(server), lambda reply: reply.code != "in_progress")


def base64_of(body: bytes) -> str:
    """A body as a plan has it."""
    return base64.b64encode(body).decode()


def grouped(headers: Headers) -> Headers:
    """The values of each name together, in their order, names by where they come first: all that HTTP itself promises of an order."""
    names = list(dict.fromkeys(name for name, _ in headers))
    return sorted(headers, key=lambda header: names.index(header[0]))


def same_headers(app: str, headers: Headers, expected: Headers) -> None:
    """Demand the same headers in the same order, as far as the app's framework keeps it: that of axum groups them by name."""
    if app == "axum":
        headers, expected = grouped(headers), grouped(expected)
    assert headers == expected
