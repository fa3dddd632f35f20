"""Durations, sizes and ISO times as the policy and the webhooks write them. api.md section 3, webhooks.md A7."""

import re
from datetime import date

UNITS = {"us": 1, "ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
ISO = re.compile(
    rb"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(Z|[+-][0-9]{2}:[0-9]{2})?"
)


def duration(text: str) -> int:
    """Microseconds."""
    number, unit = re.fullmatch(r"([0-9]+)(us|ms|s|m|h|d)", text).groups()
    return int(number) * UNITS[unit]


def size(text: str) -> int:
    number, unit = re.fullmatch(r"([0-9]+)(B|KiB|MiB)", text).groups()
    return int(number) * {"B": 1, "KiB": 1024, "MiB": 1 << 20}[unit]


def iso(text: bytes):
    """(µs, whether a zone was given), or None."""
    match = ISO.fullmatch(text)
    if not match:
        return None
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    if year < 1 or hour > 23 or minute > 59 or second > 59:
        return None
    try:
        days = date(year, month, day).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return None
    micros = int(((match[7] or b"") + b"000000")[:6])
    offset = 0
    zone = match[8]
    if zone and zone != b"Z":
        hours, minutes = int(zone[1:3]), int(zone[4:6])
        if hours > 23 or minutes > 59:
            return None
        offset = (hours * 60 + minutes) * 60 * (-1 if zone[:1] == b"-" else 1)
    seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
    return seconds * 1_000_000 + micros, zone is not None


def instant(text: str) -> int:
    return iso(text.encode())[0]


def iso_seconds(micros: int) -> str:
    """Whole seconds, rounded down, with Z."""
    seconds = micros // 1_000_000
    day = date.fromordinal(seconds // 86_400 + date(1970, 1, 1).toordinal())
    rest = seconds % 86_400
    return f"{day.isoformat()}T{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"
