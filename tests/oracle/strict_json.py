"""A strict JSON reader that keeps the text of numbers, and the canonical form of RFC 8785. tokens.md, rule 8."""

import json
import math
import re
from decimal import Decimal

NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}
MAX_DEPTH = 16


class Num:
    """A number and its text."""

    def __init__(self, text: str):
        self.text = text

    @property
    def plain(self) -> bool:
        """An integer literal without fraction, exponent or minus."""
        return re.fullmatch(r"0|[1-9][0-9]*", self.text) is not None

    @property
    def value(self) -> int | float:
        return int(self.text) if re.fullmatch(r"-?[0-9]+", self.text) else float(self.text)


class Bad(Exception):
    """Not strict JSON."""


def read(data: bytes):
    """The value of a whole text, or Bad."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Bad("utf-8") from error
    reader = _Reader(text)
    value = reader.value(0)
    reader.space()
    if reader.at != len(text):
        raise Bad("text after the value")
    return value


class _Reader:
    def __init__(self, text: str):
        self.text, self.at = text, 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def space(self):
        while self.peek() and self.peek() in " \t\r\n":
            self.at += 1

    def value(self, depth: int):
        self.space()
        char = self.peek()
        if char in ("{", "["):
            if depth >= MAX_DEPTH:
                raise Bad("depth")
            return self.object(depth + 1) if char == "{" else self.array(depth + 1)
        if char == '"':
            return self.string()
        for word, value in (("true", True), ("false", False), ("null", None)):
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return value
        match = NUMBER.match(self.text, self.at)
        if not match:
            raise Bad("value")
        self.at = match.end()
        if math.isinf(float(match.group())):
            raise Bad("a number that no double can hold")
        return Num(match.group())

    def object(self, depth: int) -> dict:
        self.at += 1
        members: dict = {}
        self.space()
        if self.peek() == "}":
            self.at += 1
            return members
        while True:
            self.space()
            if self.peek() != '"':
                raise Bad("member name")
            name = self.string()
            if name in members:
                raise Bad("member twice")
            self.space()
            if self.peek() != ":":
                raise Bad("colon")
            self.at += 1
            members[name] = self.value(depth)
            self.space()
            end, self.at = self.peek(), self.at + 1
            if end == "}":
                return members
            if end != ",":
                raise Bad("comma")

    def array(self, depth: int) -> list:
        self.at += 1
        items: list = []
        self.space()
        if self.peek() == "]":
            self.at += 1
            return items
        while True:
            items.append(self.value(depth))
            self.space()
            end, self.at = self.peek(), self.at + 1
            if end == "]":
                return items
            if end != ",":
                raise Bad("comma")

    def string(self) -> str:
        self.at += 1
        out = ""
        while True:
            char = self.peek()
            if char == "" or char < " ":
                raise Bad("string")
            self.at += 1
            if char == '"':
                break
            if char == "\\":
                escape = self.peek()
                self.at += 1
                if escape == "u":
                    out += chr(self.unicode())
                elif escape in ESCAPES and escape:
                    out += ESCAPES[escape]
                else:
                    raise Bad("escape")
            else:
                out += char
        joined = out.encode("utf-16", "surrogatepass")
        try:
            return joined.decode("utf-16")
        except UnicodeDecodeError as error:
            raise Bad("lone surrogate") from error

    def unicode(self) -> int:
        digits = self.text[self.at : self.at + 4]
        if not re.fullmatch(r"[0-9a-fA-F]{4}", digits):
            raise Bad("escape")
        self.at += 4
        return int(digits, 16)


def canonical(value) -> str:
    """RFC 8785 of a value of Python's own json."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(canonical(name) + ":" + canonical(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(canonical(item) for item in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return ecmascript_number(float(value))


def ecmascript_number(number: float) -> str:
    """ECMAScript's Number::toString; Python's repr gives the same shortest digits."""
    if number == 0:
        return "0"
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    text, prefix = "".join(map(str, digits)), "-" if sign else ""
    point = len(text) + exponent
    if len(text) <= point <= 21:
        return prefix + text + "0" * (point - len(text))
    if 0 < point <= 21:
        return f"{prefix}{text[:point]}.{text[point:]}"
    if -6 < point <= 0:
        return f"{prefix}0.{'0' * -point}{text}"
    rest = "." + text[1:] if len(text) > 1 else ""
    return f"{prefix}{text[0]}{rest}e{'+' if point > 0 else '-'}{abs(point - 1)}"
