"""The decorators of `Idempotency.idempotent`, for functions and for coroutine functions."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from gatewright.errors import InvalidArgument

if TYPE_CHECKING:
    from gatewright import Idempotency, Response, aio

Readers = Mapping[str, Callable[..., Any] | None]
"""By the name of an argument of `begin`: what reads it from the arguments of a call."""


def blocking(
    idempotency: Idempotency, readers: Readers
) -> Callable[[Callable[..., Response]], Callable[..., Response]]:
    """Decorate functions."""
    read = _reading(readers)

    def decorate(handle: Callable[..., Response]) -> Callable[..., Response]:
        @functools.wraps(handle)
        def handled(*args: Any, **kwargs: Any) -> Response:
            return idempotency.run(lambda step: handle(step, *args, **kwargs), **read(args, kwargs))

        return _without_step(handled, handle)

    return decorate


def on_loop(idempotency: aio.Idempotency, readers: Readers) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate coroutine functions."""
    read = _reading(readers)

    def decorate(handle: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(handle)
        async def handled(*args: Any, **kwargs: Any) -> Response:
            return await idempotency.run(lambda step: handle(step, *args, **kwargs), **read(args, kwargs))

        return _without_step(handled, handle)

    return decorate


def _reading(readers: Readers) -> Callable[[tuple[Any, ...], dict[str, Any]], dict[str, Any]]:
    given = {name: reader for name, reader in readers.items() if reader is not None}
    for name, reader in given.items():
        if not callable(reader):
            raise InvalidArgument(f"{name}: give a callable that takes the arguments of the call")
    return lambda args, kwargs: {name: reader(*args, **kwargs) for name, reader in given.items()}


def _without_step(handled: Callable[..., Any], handle: Callable[..., Any]) -> Callable[..., Any]:
    """Show frameworks the parameters that a caller gives: all but the first, which is the step."""
    signature = inspect.signature(handle)
    _, *rest = signature.parameters.values() or [None]
    handled.__signature__ = signature.replace(parameters=[one for one in rest if one])  # type: ignore[attr-defined]
    return handled
