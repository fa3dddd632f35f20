"""Figures of animals and of their days: who came, died, was culled, left."""

from kpi_numbers import neumaier
from kpi_result import known, mismatch, ok, quotient, undefined
from wire import Refused


def animals(share_of):
    def figure(placed, moved_in, dead, culled, moved_out):
        came = placed + moved_in
        mismatch(dead + culled + moved_out > came)
        return quotient("fraction", *share_of(came, dead, culled, moved_out))

    return figure


def inventory(placed, moved_in, dead, culled, moved_out, sold, left):
    delta = placed + moved_in - (dead + culled + moved_out + sold + left)
    return ok("same_as_input", float(delta), *(("inventory_delta",) if delta else ()))


def first_week(placed, daily_dead):
    week = daily_dead[:7]
    present, counted, warnings = known(week)
    mismatch(sum(present) > placed)
    if len(present) < 7:
        return undefined("fraction", "too_few_values", *warnings, **counted)
    return quotient("fraction", sum(present), placed, **counted)


def cumulative_daily(placed, daily_dead, daily_culled, daily_out, daily_in):
    days = len(daily_dead)
    lists = [[0] * days if one is None else one for one in (daily_dead, daily_culled, daily_out, daily_in)]
    if any(len(one) != days for one in lists):
        raise Refused("invalid_argument")
    missing = sum(cell is None for one in lists for cell in one)
    present, terms = placed, []
    for dead, culled, out, came in zip(*([cell or 0 for cell in one] for one in lists), strict=True):
        mismatch(dead + culled > present)
        if dead + culled:
            terms.append(float(dead + culled) / float(present))
        present += came - dead - culled - out
        mismatch(present < 0)
    warnings = ("input_missing",) if missing else ()
    if placed == 0:
        return undefined("fraction", "zero_denominator", *warnings, missing=missing)
    return ok("fraction", neumaier(terms), *warnings, missing=missing)


def daily_mean(daily):
    present, counted, warnings = known(daily)
    for start, end, *came in present:
        mismatch(end > start + sum(came))
    return ok("head_days", float(sum(start + end for start, end, *_ in present)) / 2.0, *warnings, **counted)


def exits(placed, entries, exits, days):
    """Animal by animal in effect: who comes on day e and is there to the end has days - e - 1 whole days, who leaves on day x has x fewer to go."""
    mismatch(any(day > days and heads for day, heads in exits))
    total, present = placed * days, placed
    for day in sorted({day for day, _ in entries + exits}):
        came, left = (sum(heads for at, heads in moves if at == day) for moves in (entries, exits))
        mismatch(left > present + came)
        rest = max(days - day, 0)
        stayed = max(left - present, 0)
        total += (came - stayed) * max(rest - 1, 0) - (left - stayed) * rest
        present += came - left
    if not -(2**127) <= total < 2**127:
        raise Refused("kpi_overflow")
    return ok("head_days", float(total))


def head_day_weighted(x, head_days):
    if len(x) != len(head_days):
        raise Refused("invalid_argument")
    pairs, counted, warnings = known([None if None in pair else pair for pair in zip(x, head_days, strict=True)])
    unit, total = "same_as_input", sum(h for _, h in pairs)
    if total == 0:
        return undefined(unit, "zero_denominator", *warnings, **counted)
    if all(isinstance(x, int) and h % 2 == 0 for x, h in pairs):
        return quotient(unit, sum(x * (h // 2) for x, h in pairs), total // 2, *warnings, **counted)
    return ok(unit, neumaier(float(x) * (h / 2) for x, h in pairs) / neumaier(h / 2 for _, h in pairs), *warnings, **counted)
