"""`headers.render`: what a decision looks like on the wire. limits.md A6."""

import rate_headers
from vector_file import VectorFile

NOW = 1_795_248_726_000_000
MINUTE, HOUR, DAY = 60_000_000, 3_600_000_000, 86_400_000_000
NOTES = {
    "Worked": "the example of the page: the seed's tiers after 1, 40 and 100 units at one instant",
    "Rate": "t is at least r * P / N, rounded up, so that r / t is never above the sustained rate",
    "Window": "w is in whole seconds; left out where the period is not",
    "Quota": "q is the larger of limit and burst; X-RateLimit-Limit is the burst",
    "Algo": "each algorithm, and what it leaves out",
    "Refused": "the binding tier shows r = 0 and t = max(1, retry_after rounded up); Retry-After is that t",
    "Reset": "X-RateLimit-Reset is when all is back, in seconds since the epoch, rounded up",
    "Bundle": "several policies in one decision: their tiers in order, ids as they are",
    "Source": "who decided is not shown",
    "Reserved": "a reservation that was granted is an allowed answer, without Retry-After",
    "Large": "the ends of the ranges",
    "Default": "members that are left out",
}
STYLES = (["legacy"], ["draft-10"], ["legacy", "draft-10"], [])


def bucket(name: str, limit: int, period: int, used: int = 0, **more) -> dict:
    """A bucket after so many units at once: each comes back after period / limit."""
    burst = more.get("burst", limit)
    unit = -(-period // limit)
    spent = -(-used * period // limit)
    made = {"policy": "tenant", "id": name, "algo": "token_bucket", "limit": limit, "burst": burst, "period_us": period}
    made |= {"remaining": burst - used, "used": used, "next_unit_us": unit if used else 0, "full_at_us": NOW + spent}
    return made | {"retry_after_us": 0, "allowed": True} | more


def other(algo: str, limit: int, period: int, used: int, next_unit: int, full_in: int, **more) -> dict:
    made = {"policy": "tenant", "id": "only", "algo": algo, "limit": limit, "burst": limit, "period_us": period}
    made |= {"remaining": limit - used, "used": used, "next_unit_us": next_unit, "full_at_us": NOW + full_in}
    return made | {"retry_after_us": 0, "allowed": True} | more


def refused(tier: dict, after: int) -> dict:
    return tier | {"allowed": False, "retry_after_us": after}


def seed(used: int) -> list[dict]:
    return [bucket("minute", 100, MINUTE, used), bucket("hour", 5000, HOUR, used), bucket("day", 100_000, DAY, used)]


def decided(tiers: list[dict], binding: int = 0, **more) -> dict:
    tier = tiers[binding]
    made = {"allowed": all(tier["allowed"] for tier in tiers), "source": "store", "now_us": NOW, "cost": 1}
    made |= {"binding": {"policy": tier["policy"], "tier": tier["id"]}}
    made |= {"retry_after_us": max(tier["retry_after_us"] for tier in tiers), "wait_us": None, "tiers": tiers}
    return made | {"permit": None, "atomicity": "atomic"} | more


def build():
    file = VectorFile("limits/headers.json", NOTES)
    for styles in STYLES:
        group = file.group("headers.render", policy={"version": 1, "http": {"rate_limit_headers": styles}})

        def test(comment, flag, decision, group=group, styles=styles, given=None):
            expect = {"headers": rate_headers.headers(decision, styles)}
            group.test(comment, [flag], "valid", decision=given or decision, expect=expect)

        worked(test)
        rates(test)
        windows(test)
        algos(test)
        refusals(test)
        bundles(test)
        ends(test)
        defaults(test)
    return [file]


def worked(test):
    for used in (0, 1, 40, 99):
        test(f"the seed's tiers after {used}", "Worked", decided(seed(used)))
    minute, hour, day = seed(100)
    test("the seed's tiers after 100, one more refused", "Worked", decided([refused(minute, 600_000), hour, day]))


def rates(test):
    for limit, period, used in ((7, MINUTE, 1), (7, MINUTE, 6), (11, HOUR, 10), (10_000, 10_000_000, 1), (3, 1_000_000, 1)):
        test(f"{limit} in {period} us, {used} used", "Rate", decided([bucket("a", limit, period, used)]))
    test("nothing remains and the next unit is far", "Rate", decided([bucket("a", 2, DAY, 2)]))
    test("nothing remains and the next unit is 1 us away", "Rate", decided([bucket("a", 100, MINUTE, 100, next_unit_us=1)]))
    test("the next unit comes later than the rate says", "Rate", decided([bucket("a", 5, MINUTE, 4, next_unit_us=59_000_001)]))


def windows(test):
    for period in (1_000, 999_999, 1_000_000, 1_000_001, 1_500_000, 2_000_000, 366 * DAY):
        test(f"a period of {period} us", "Window", decided([bucket("a", 10, period, 1)]))
    test("a burst below the limit", "Quota", decided([bucket("a", 100, MINUTE, 1, burst=10)]))
    test("a burst above the limit", "Quota", decided([bucket("a", 100, MINUTE, 30, burst=250)]))


def algos(test):
    test("a sliding log", "Algo", decided([other("sliding_log", 5, 900_000_000, 2, 612_345_678, 899_999_999)]))
    test("a sliding log that refuses", "Algo", decided([refused(other("sliding_log", 5, 900_000_000, 5, 4_000_001, 899_999_999), 4_000_001)]))
    test("a sliding window", "Algo", decided([other("sliding_window", 1000, HOUR, 400, 8_999_999, 2 * HOUR - 5)]))
    test("a sliding window that refuses", "Algo", decided([refused(other("sliding_window", 1000, HOUR, 1000, 3_600_000, 2 * HOUR), 3_600_000)]))
    for unit, length in (("hour", HOUR), ("day", DAY), ("February", 28 * DAY), ("November", 30 * DAY), ("December", 31 * DAY)):
        test(f"a calendar's {unit}", "Algo", decided([other("calendar", 1000, length, 1, 1_234_567_890, 1_234_567_890)]))
    test("a calendar that refuses", "Algo", decided([refused(other("calendar", 1000, DAY, 1000, 42_000_000_500, 42_000_000_500), 42_000_000_500)]))
    test("concurrency", "Algo", decided([other("concurrent", 10, 0, 3, 20_000_000, 25_000_000)]))
    test("concurrency beside a bucket", "Algo", decided([bucket("minute", 100, MINUTE, 1), other("concurrent", 10, 0, 3, 20_000_000, 25_000_000)], 1))


def refusals(test):
    for after in (1, 999_999, 1_000_000, 1_000_001, 59_999_999, 60_000_000):
        test(f"refused for {after} us", "Refused", decided([refused(bucket("a", 100, MINUTE, 100), after)]))
    test("a cost that is above what remains", "Refused", decided([refused(bucket("a", 100, MINUTE, 97), 1_200_000)], cost=5))
    minute, hour, day = seed(100)
    two = [refused(minute, 600_000), hour, refused(day, 7_000_000)]
    test("two tiers refuse; the longer wait binds", "Refused", decided(two, 2))
    test("the tier in the middle refuses", "Refused", decided([minute | {"remaining": 9}, refused(hour, 720_000), day], 1))
    for after in (0, 1, 999_999, 1_000_000):
        test(f"full again {after} us after a second", "Reset", decided([bucket("a", 100, MINUTE, 2, full_at_us=NOW + after)]))


def bundles(test):
    own = [bucket("minute", 100, MINUTE, 3), bucket("hour", 5000, HOUR, 3)]
    user = [bucket("minute", 10, MINUTE, 3) | {"policy": "user"}]
    slots = [other("concurrent", 4, 0, 1, 9_000_000, 9_000_000) | {"policy": "provider", "id": "slots"}]
    test("three policies", "Bundle", decided(own + user + slots, 2, cost=3))
    test("one of three refuses", "Bundle", decided([*own, refused(user[0], 5_000_000), *slots], 2, cost=9))
    test("decided one after another", "Bundle", decided(own + user, 2, atomicity="compensated"))
    for source in ("local", "fail_open"):
        test(f"allowed by {source}", "Source", decided([bucket("a", 50, MINUTE, 1)], source=source))
    nobody = refused(bucket("a", 50, MINUTE, 0, remaining=0, next_unit_us=1_000_000), 1_000_000)
    test("refused by fail_closed", "Source", decided([nobody], source="fail_closed"))
    ahead = bucket("second", 10, 1_000_000, 10, next_unit_us=2_100_000, full_at_us=NOW + 3_000_000)
    test("reserved for later", "Reserved", decided([ahead], wait_us=2_000_000))


def ends(test):
    most = 2**31 - 1
    test("the largest limit", "Large", decided([bucket("a", most, 366 * DAY, 1)]))
    test("the largest burst of a slow bucket", "Large", decided([bucket("abcdefghijklmno_", 1, DAY, 1, burst=3650)]))
    test("the longest wait", "Large", decided([refused(bucket("a", 1, DAY, 3650, burst=3650), 3650 * DAY)]))


def defaults(test):
    """Written short: what is left out is that of a tier that allowed and of which nothing is taken."""
    whole = decided([bucket("minute", 100, MINUTE)])
    test("no more than a tier", "Default", whole, given={"now_us": NOW, "tiers": [{"id": "minute", "limit": 100, "period_us": MINUTE}]})
    used = decided([bucket("minute", 100, MINUTE, 40, next_unit_us=0, full_at_us=NOW)])
    short = {"id": "minute", "limit": 100, "period_us": MINUTE, "used": 40}
    test("what remains follows from what is used", "Default", used, given={"now_us": NOW, "tiers": [short]})
    late = decided([refused(bucket("minute", 100, MINUTE, 100, next_unit_us=0, full_at_us=NOW), 2_500_000)])
    short = {"allowed": False, "now_us": NOW, "retry_after_us": 2_500_000, "binding": {"tier": "minute"}}
    short["tiers"] = [{"id": "minute", "limit": 100, "period_us": MINUTE, "remaining": 0}]
    test("the binding tier refused for as long as the decision says", "Default", late, given=short)
    for after in (0, 1):
        test(f"refused, and allowed {after} us later", "Refused", decided([refused(bucket("a", 10, MINUTE, 10), after)]))
