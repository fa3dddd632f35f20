"""The clock of tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gatewright import _core
from gatewright.errors import InvalidArgument

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class ManualClock:
    """A clock that stands still until it is set. It may be set back.

    An instant is an aware `datetime`, or a whole number of microseconds since 1970.
    """

    __slots__ = ("_core", "_micros")

    def __init__(self, now: datetime | int) -> None:
        self._micros = _micros(now)
        self._core = _core.ManualClock(self._micros)

    @property
    def micros(self) -> int:
        """What it shows, in microseconds since 1970."""
        return self._micros

    def set(self, now: datetime | int) -> None:
        """Show this instant from now on."""
        micros = _micros(now)
        self._core.set_micros(micros)
        self._micros = micros

    def advance(self, by: timedelta) -> None:
        """Show an instant so much later."""
        self.set(self._micros + by // _MICROSECOND)


def _micros(now: datetime | int) -> int:
    if isinstance(now, int):
        return now
    if now.utcoffset() is None:
        raise InvalidArgument("now: give an aware datetime; a naive one does not say which instant it is")
    return (now - _EPOCH) // _MICROSECOND
