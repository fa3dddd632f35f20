"""What can be awaited, or entered until the end of a block."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

__all__ = ["Opening"]


class _Closing(Protocol):
    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None: ...


_C = TypeVar("_C", bound=_Closing)


class Opening(Generic[_C]):
    """What is awaited for an object, or entered with `async with` for the object until the end of the block."""

    __slots__ = ("_entered", "_open")

    def __init__(self, open: Callable[[], Awaitable[_C]]) -> None:
        self._open = open
        self._entered: _C | None = None

    def __await__(self) -> Generator[object, None, _C]:
        """Give the object; what becomes of it is the caller's to say."""
        return self._open().__await__()

    async def __aenter__(self) -> _C:
        """Give the object until the end of the block."""
        self._entered = await self._open()
        return await self._entered.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None, /
    ) -> None:
        """End as the object does."""
        if self._entered is not None:
            await self._entered.__aexit__(kind, value, traceback)
