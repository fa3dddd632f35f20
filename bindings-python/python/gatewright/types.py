"""The types of arguments, for annotations of your own."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NotRequired, Protocol, SupportsFloat, SupportsIndex, TypeAlias, TypedDict

__all__ = [
    "Basis",
    "Body",
    "Bundle",
    "Context",
    "Counts",
    "Device",
    "FinishAs",
    "Headers",
    "Json",
    "Key",
    "Member",
    "Number",
    "Numbers",
    "Path",
    "Policy",
    "RequestLine",
    "ResponseHeaders",
    "Scope",
    "Weight",
    "Whole",
]


class SupportsBuffer(Protocol):
    """An object with the buffer protocol (`collections.abc.Buffer` from Python 3.12 on)."""

    def __buffer__(self, flags: int, /) -> memoryview:
        """Give a view of the bytes."""
        ...


Body: TypeAlias = bytes | bytearray | memoryview | SupportsBuffer
"""Bytes as they came over the wire: `bytes` are borrowed, other buffers copied, `str` is refused."""

Json: TypeAlias = Mapping[str, Any]
"""A JSON object: its values are `str`, `int`, `float`, `bool`, `None`, lists, tuples and mappings of the same."""

Path: TypeAlias = str | os.PathLike[str]
"""Where a file is."""

Policy: TypeAlias = str | Json
"""A policy document: TOML text, JSON text (which begins with `{`) or a mapping."""


class SupportsItems(Protocol):
    """Headers of a framework (Starlette, httpx, aiohttp, werkzeug, Django, requests): anything with `items()`."""

    def items(self) -> Iterable[tuple[Any, Any]]:
        """Give all headers; one that came twice is given twice."""
        ...


Headers: TypeAlias = (
    SupportsItems | Sequence[tuple[str | bytes, str | bytes]] | Iterable[tuple[str | bytes, str | bytes]]
)
"""Headers of a request. Every repetition is kept. A `str` stands for its UTF-8 bytes."""

ResponseHeaders: TypeAlias = Headers
"""Headers of an answer: order and repetitions are kept. A `str` stands for its latin-1 bytes, as in WSGI and ASGI."""


Bundle: TypeAlias = Iterable[tuple[str, str] | tuple[str, str, int]]
"""1 to 16 of `(policy, subject)` or `(policy, subject, cost)`, decided together."""


Whole: TypeAlias = SupportsIndex
"""A whole number: an `int`, or an integer of NumPy. Figures take a `float` without a fraction, too."""

Number: TypeAlias = SupportsIndex | SupportsFloat
"""A number: `int`, `float`, or what says that it is one of them."""


class SupportsArrowArray(Protocol):
    """An array of the Arrow C data interface."""

    def __arrow_c_array__(self, requested_schema: object = ...) -> tuple[object, object]:
        """Give the capsules of schema and array."""
        ...


class SupportsArrowStream(Protocol):
    """A series of the Arrow C data interface."""

    def __arrow_c_stream__(self, requested_schema: object = ...) -> object:
        """Give the capsule of a stream."""
        ...


Numbers: TypeAlias = Iterable[Any] | SupportsBuffer | SupportsArrowArray | SupportsArrowStream
"""A list of numbers in which `None` is missing; or an array or series of one dimension."""

Basis: TypeAlias = Literal["live_weight", "gain"]
"""What a feed conversion is based on."""

Counts: TypeAlias = Numbers
"""A list of whole numbers, one for each day, in which `None` is missing."""


class Member(TypedDict):
    """A member of a cohort, and its figures by name; `None` is missing."""

    id: str
    figures: Mapping[str, Number | None]


class Weight(TypedDict):
    """What a figure weighs in a score."""

    weight: Number
    lower_is_better: NotRequired[bool]


class Context(TypedDict, total=False):
    """What you know about the request that led to a call. It goes to events and session records only."""

    request_id: str | None
    trace_id: str | None
    method: str | None
    endpoint: str | None
    ip: str | None
    user_agent: str | None


class Device(TypedDict):
    """The device of a login. Only `id` is required."""

    id: str
    kind: NotRequired[str]
    name: NotRequired[str]
    platform: NotRequired[str]
    app_version: NotRequired[str]


Key: TypeAlias = str | bytes | Sequence[str | bytes] | None
"""The header `Idempotency-Key` of a request: its line, or all its lines as received; `None` where there is none."""


class Scope(TypedDict):
    """Whose an operation is, and to what. The same key of another caller, or on another path, is another key.

    Tenant and principal are as they were authenticated, and not both empty: all callers would share their keys.
    """

    method: str
    """The method, as received."""
    path: str
    """The raw path, without the query."""
    tenant: NotRequired[str | None]
    principal: NotRequired[str | None]
    """Who calls, within the tenant."""


FinishAs: TypeAlias = Literal["release", "store"]
"""How an operation ends, whatever its status: its answer is kept, or its key is free again."""


class RequestLine(TypedDict):
    """The line of a request, for schemes that sign it."""

    method: str
    url: str
