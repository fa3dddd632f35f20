"""A figure asked of the oracle, and written as a test of `kpi.evaluate`."""

import kpi
from wire import Refused


def written(number):
    """A whole number as one of the ways to write it; anything else as it is."""
    is_large = isinstance(number, int) and not isinstance(number, bool) and abs(number) > 2**53
    return str(number) if is_large else number


def told(method: str, args: dict) -> tuple[str, dict]:
    try:
        return "", kpi.evaluate(method, args)
    except Refused as refused:
        return refused.code, {}


def ask(group, comment: str, flags: list[str], method: str, args: dict):
    """A test of every member; what is known to a tolerance only is asked beside it."""
    code, result = told(method, args)
    if code:
        return group.test(comment, flags, "invalid", code=code, method=method, args=args)
    near, near_ci = result.pop("near", 0), result.pop("near_ci", 0)
    expect = {name: written(value) for name, value in result.items()}
    if near:
        expect["tol"] = near
    if near_ci:
        ends = {name: expect.pop(name) for name in ("ci95_low", "ci95_high")}
        group.test(comment, flags, "valid", method=method, args=args, expect=ends | {"tol": near_ci})
    return group.test(comment, flags, "valid", method=method, args=args, expect=expect)


class Asked:
    """Tests whose outcome their author read from the page, and which the oracle must compute too."""

    def __init__(self, group, method: str):
        self.group, self.method = group, method

    def __call__(self, flag: str, comment: str, want, tol: float = 0.0, /, **args):
        """`want` is a number, a list, None with a reason, or the code of a refusal."""
        args = {name: written(value) for name, value in args.items()}
        code, result = told(self.method, args)
        value = result.get("value", result.get("mean"))
        got = code or (result.get("reason") if value is None else value)
        assert same(want, got, tol), (self.method, comment, want, got)
        ask(self.group, f"{self.method}: {comment}", [flag], self.method, args)


def same(want, got, tol: float) -> bool:
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(same(one, other, tol) for one, other in zip(want, got, strict=True))
    if isinstance(want, dict) and isinstance(got, dict):
        return all(same(value, got[name], tol) for name, value in want.items())
    if isinstance(want, float | int) and isinstance(got, float | int):
        return abs(want - got) <= tol
    return want is ... or want == got
