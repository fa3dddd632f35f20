"""The numbers under the figures: arguments, sums, moments, logarithms and Student's t. kpi.md sections 1 and 4.

Where the page fixes the order of operations, doubles are used in that order; where it does not, decimals of 50 digits, and what comes of
them is compared with a tolerance.
"""

import math
import re
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cache

from wire import Refused

U64, U128 = 2**64 - 1, 2**128 - 1
DIGITS = 50


def exact(value):
    """An argument as an int or a float; anything else is no number."""
    match value:
        case bool() | None:
            raise Refused("invalid_argument")
        case int() | float():
            return value
        case str() if re.fullmatch(r"-?[0-9]+", value):
            return int(value)
        case {"f64": "NaN" | "Infinity" | "-Infinity" as name}:
            return float(name.replace("Infinity", "inf"))
    raise Refused("invalid_argument")


def count(value) -> int:
    """A whole number from 0 to 2^64 - 1, in whatever way it is written."""
    number = exact(value)
    if isinstance(number, float):
        if not math.isfinite(number):
            raise Refused("kpi_non_finite")
        if number < 0:
            raise Refused("kpi_negative")
        if not number.is_integer():
            raise Refused("kpi_out_of_range")
        number = int(number)
    if number < 0:
        raise Refused("kpi_negative")
    if number > U64:
        raise Refused("kpi_overflow")
    return number


def real(value) -> float:
    number = float(exact(value))
    if not math.isfinite(number):
        raise Refused("kpi_non_finite")
    return number


def positive(value) -> float:
    """0 or more."""
    number = real(value)
    if number < 0:
        raise Refused("kpi_negative")
    return number


def share(value) -> float:
    number = real(value)
    if not 0 <= number <= 1:
        raise Refused("kpi_out_of_range")
    return number


def halves(value) -> int:
    """Head-days as a whole number of halves."""
    number = exact(value)
    if isinstance(number, float) and not math.isfinite(number):
        raise Refused("kpi_non_finite")
    twice = 2 * Fraction(number)
    if twice < 0:
        raise Refused("kpi_negative")
    if twice > U64:
        raise Refused("kpi_overflow")
    if twice.denominator != 1:
        raise Refused("kpi_out_of_range")
    return int(twice)


def finite(number: float) -> float:
    if not math.isfinite(number):
        raise Refused("kpi_overflow")
    return number + 0.0


def divided(a: float, b: float) -> float:
    """As doubles divide, where Python has an exception for too small a divisor."""
    return a / b if b else math.copysign(math.inf, a)


def neumaier(terms) -> float:
    total = rest = 0.0
    for term in terms:
        added = total + term
        rest += (total - added) + term if abs(total) >= abs(term) else (term - added) + total
        total = added
    return total + rest


def whole(numbers: list) -> list[int] | None:
    """The numbers as integers from 0 to 2^64 - 1, if each of them is one."""
    if all(0 <= number <= U64 and number == int(number) for number in numbers):
        return [int(number) for number in numbers]
    return None


class Integers:
    """Exact moments."""

    def __init__(self, values: list[int]):
        self.n, self.sum, self.squares = len(values), sum(values), sum(value * value for value in values)
        self.ends = (min(values), max(values)) if values else None
        if self.squares > U128 or self.sum > U128:
            raise Refused("kpi_overflow")

    def mean(self) -> float:
        return float(self.sum) / float(self.n)

    def sd(self, population: bool = False) -> float:
        numerator = self.n * self.squares - self.sum**2
        return math.sqrt(float(numerator) / float(self.n * (self.n if population else self.n - 1)))


class Doubles:
    """The accumulator of doubles: blocks of 1,024, of 16 lanes each; (n, mean, m2) of what is closed."""

    def __init__(self, parts: list[list[float]]):
        self.total = (0, 0.0, 0.0)
        for part in parts:
            one = (0, 0.0, 0.0)
            for at in range(0, len(part), 1024):
                one = joined(one, block(part[at : at + 1024]))
            self.total = joined(self.total, one)
        values = [value for part in parts for value in part]
        self.n, self.ends = len(values), (min(values), max(values)) if values else None

    def mean(self) -> float:
        return self.total[1]

    def sd(self, population: bool = False) -> float:
        return math.sqrt(self.total[2] / float(self.n if population else self.n - 1))


def block(values: list[float]) -> tuple[int, float, float]:
    m = float(len(values))
    mean = finite(lanes(values)) / m
    off = [value - mean for value in values]
    rest = lanes(off)
    m2 = finite(lanes([one * one for one in off]) - rest * rest / m)
    return len(values), mean, max(m2, 0.0)


def lanes(values: list[float]) -> float:
    sums = []
    for lane in range(16):
        total = 0.0
        for value in values[lane::16]:
            total += value
        sums.append(total)
    while len(sums) > 1:
        sums = [sums[at] + sums[at + 1] for at in range(0, len(sums), 2)]
    return sums[0]


def joined(a, b):
    if not a[0] or not b[0]:
        return a if a[0] else b
    n = a[0] + b[0]
    delta = b[1] - a[1]
    mean = a[1] + delta * (float(b[0]) / float(n))
    m2 = a[2] + b[2] + delta * delta * (float(a[0]) * float(b[0]) / float(n))
    return n, finite(mean), finite(m2)


def moments(values: list):
    """Of a list: by integers where all are, else by doubles."""
    integers = whole(values)
    return Doubles([[float(value) for value in values]]) if integers is None else Integers(integers)


def ln(value: int) -> float:
    with localcontext() as context:
        context.prec = DIGITS
        return float(Decimal(value).ln())


def erf(x: Fraction) -> float:
    """The series of 2/√π · ∫, summed exactly enough for any x that matters."""
    if x > 7:
        return 1.0
    with localcontext() as context:
        context.prec = 2 * DIGITS
        x = Decimal(x.numerator) / Decimal(x.denominator)
        term, total, at = x, x, 0
        while abs(term) > Decimal(10) ** -DIGITS:
            at += 1
            term *= -x * x / at
            total += term / (2 * at + 1)
        return float(2 * total / pi().sqrt())


@cache
def pi() -> Decimal:
    """By Machin's formula."""
    with localcontext() as context:
        context.prec = 2 * DIGITS

        def arctan(inverse: int) -> Decimal:
            total = power = Decimal(1) / inverse
            at = 1
            while abs(power) > Decimal(10) ** (-2 * DIGITS):
                power /= -inverse * inverse
                at += 2
                total += power / at
            return total

        return 4 * (4 * arctan(5) - arctan(239))


@cache
def t_975(nu: int) -> float:
    """The quantile by bisection on P(0 < T < t) = 0.475; at one degree of freedom it is a tangent."""
    if nu == 1:
        return math.tan(0.475 * math.pi)
    with localcontext() as context:
        context.prec = DIGITS
        scale = density(nu)
        low, high = Decimal(1), Decimal(16)
        while high - low > Decimal(10) ** -25:
            middle = (low + high) / 2
            if scale * integral(middle, nu) < Decimal("0.475"):
                low = middle
            else:
                high = middle
        return float(low)


def density(nu: int) -> Decimal:
    """Γ((ν+1)/2) / (Γ(ν/2) · √(νπ)): at ν = 1 it is 1/π, at ν = 2 it is 1/√8, and Γ(a+1) = a·Γ(a) leads from ν to ν + 2."""
    at = 1 if nu % 2 else 2
    scale = 1 / pi() if at == 1 else 1 / Decimal(8).sqrt()
    while at < nu:
        scale *= Decimal(at + 1) / Decimal(at) * (Decimal(at) / Decimal(at + 2)).sqrt()
        at += 2
    return scale


def integral(t: Decimal, nu: int) -> Decimal:
    """∫ from 0 to t of (1 + u²/ν)^(-(ν+1)/2): with x = t²/(ν+t²), √ν · (1-x)^(ν/2) · √x · Σ of positive terms (a + k)/(3/2 + k) · x."""
    x = t * t / (nu + t * t)
    a = Decimal(nu + 1) / 2
    term = total = Decimal(1)
    at = 0
    while term > Decimal(10) ** -30 * total:
        term *= (a + at) / (Decimal(3) / 2 + at) * x
        total += term
        at += 1
    return Decimal(nu).sqrt() * (1 - x) ** (Decimal(nu) / 2) * x.sqrt() * total
