"""What ASGI applications are called with, and answers as messages of theirs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

from gatewright import Response

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]


def raw_headers(response: Response) -> list[tuple[bytes, bytes]]:
    """Give the headers of an answer as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers]


async def send_whole(send: Send, response: Response) -> None:
    """Send an answer."""
    headers = raw_headers(response)
    if response.status not in (204, 304) and all(name != b"content-length" for name, _ in headers):
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})
    await send({"type": "http.response.body", "body": response.body})
