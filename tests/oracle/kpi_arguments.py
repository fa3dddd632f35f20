"""Arguments of a figure that are more than one number."""

import kpi_numbers as numbers
from kpi_numbers import count, real
from wire import Refused


def flag(value) -> bool:
    if not isinstance(value, bool):
        raise Refused("invalid_argument")
    return value


def list_of(kind):
    def read(value):
        if not isinstance(value, list):
            raise Refused("invalid_argument")
        return [None if member is None else kind(member) for member in value]

    return read


def parts_of(kind):
    def read(value):
        if not isinstance(value, list):
            raise Refused("invalid_argument")
        return [list_of(kind)(part) for part in value]

    return read


def as_given(kind):
    """A number whose kind is checked, but which stays an integer where it is one of 64 bits."""

    def read(value):
        checked = kind(value)
        given = numbers.exact(value)
        return int(given) if abs(given) <= numbers.U64 and given == int(given) else checked

    return read


def optional(kind):
    return lambda value: None if value is None else kind(value)


def named(kind):
    def read(value):
        if not isinstance(value, dict):
            raise Refused("invalid_argument")
        return {name: kind(value[name]) for name in sorted(value)}

    return read


def tuple_of(least: int, most: int):
    def read(value):
        if not isinstance(value, list) or not least <= len(value) <= most:
            raise Refused("invalid_argument")
        return [count(member) for member in value]

    return read


def quantity(value):
    if isinstance(value, dict) and "f64" not in value:
        if "value" not in value:
            raise Refused("invalid_argument")
        return optional(real)(value["value"]), value.get("unit")
    return optional(real)(value), None


def weight(value):
    if not isinstance(value, dict) or not {"weight"} <= set(value) <= {"weight", "lower_is_better"}:
        raise Refused("invalid_argument")
    return real(value["weight"]), flag(value.get("lower_is_better", False))


def member(value):
    if not isinstance(value, dict) or set(value) != {"id", "figures"} or not isinstance(value["id"], str):
        raise Refused("invalid_argument")
    return value["id"], named(optional(real))(value["figures"])
