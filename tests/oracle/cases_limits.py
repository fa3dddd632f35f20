"""`limits.sequence`: each way of counting by itself and together with others, to the microsecond. limits.md A2 and A4."""

from limits import PRESETS
from meters import SEED, Metered, of, policy
from script import SECOND
from vector_file import VectorFile

DAY = 86400


def bucket(name, limit, period, **more):
    return {"id": name, "limit": limit, "period": period, **more}


def kind(name, limit, algo, **more):
    return {"id": name, "limit": limit, "algo": algo, **more}


def group_of(file, *tiers, **more):
    return file.group("limits.sequence", policy=policy(of("p", *tiers, **more)), seed=SEED)


def tight(s, at: tuple, offered: dict, cost: int, subject="acme", policy="p"):
    """Refused 1 µs before what a refusal names, and admitted at exactly then (A4.2)."""
    retry = offered["retry_after_us"]
    seconds, rest = at
    if retry > 1:
        s.check((seconds, rest + retry - 1), "denied", cost, subject=subject, policy=policy)
    s.check((seconds, rest + retry), "allowed", cost, subject=subject, policy=policy)


def build():
    return [buckets(), logs(), windows(), calendars(), leases(), bundles(), refunds(), reserves(), clocks(), edits(), subjects(), presets(), errors(), measured()]


def buckets():
    file = VectorFile("limits/token_bucket.json", {
        "Tight": "admitted at exactly retry_after, refused 1 us earlier (limits.md A4.2)",
        "Exact": "fractions of a microsecond are kept (A4.2)",
        "Burst": "burst is what can be taken at once, limit and period are the rate (A4.1)",
        "Zero": "cost 0 is a peek (A4.2)",
    })  # fmt: skip
    for limit, period, micros in ((1, "1s", 10**6), (3, "1s", 10**6), (7, "1m", 60 * 10**6), (11, "1h", 3600 * 10**6), (97, "1000003us", 1000003), (100, "1m", 60 * 10**6), (100000, "1d", DAY * 10**6), (1, "366d", 366 * DAY * 10**6), (2147483647, "1d", DAY * 10**6), (13, "1ms", 1000)):
        group = group_of(file, bucket("t", limit, period))
        with Metered(group, f"{limit} a {period}: all, then one more when it is there", "Tight", "Exact") as s:
            s.check(0, "allowed", limit)
            tight(s, (0, 0), s.check(0, "denied", 1), 1)
            offered = s.check((0, micros // 2), None, max(1, limit // 2))
            if not offered["allowed"]:
                tight(s, (0, micros // 2), offered, max(1, limit // 2))
        with Metered(group, f"{limit} a {period}: one by one", "Exact") as s:
            for place in range(min(limit, 12)):
                s.check((0, place), "allowed", 1)
            s.peek((0, 12))
            s.check((0, 13), None, limit)
            s.peek((0, micros))
            s.peek((0, micros + 13))
        with Metered(group, f"{limit} a {period}: a peek takes nothing", "Zero") as s:
            s.peek(0)
            s.check(0, "allowed", 0)
            s.check(0, "allowed", limit)
            s.check(0, "allowed", 0)
            s.peek(0)
            s.check(0, "denied", 1)
    for limit, burst in ((100, 10), (100, 1), (10, 30), (7, 3), (1, 5), (3, 2)):
        group = group_of(file, bucket("t", limit, "1m", burst=burst))
        with Metered(group, f"{limit} a minute, {burst} at once", "Burst", "Tight") as s:
            s.check(0, "allowed", burst)
            tight(s, (0, 0), s.check(0, "denied", burst), burst)
            s.check(1, "cost_impossible", burst + 1)
            s.peek(60)
            s.peek(3600)
        for cost in range(1, min(burst, 6) + 1):
            with Metered(group, f"{limit} a minute, {burst} at once, by {cost}", "Burst", "Tight") as s:
                for _ in range(burst // cost):
                    s.check(0, "allowed", cost)
                tight(s, (0, 0), s.check(0, "denied", cost), cost)
                s.peek(1)
    return file


def logs():
    file = VectorFile("limits/sliding_log.json", {
        "Tight": "admitted at exactly retry_after, refused 1 us earlier (limits.md A4.4)",
        "Refused": "refused attempts are not stored (A4.4)",
        "Cost": "a cost is that many stamps (A4.4)",
    })  # fmt: skip
    for limit, period, micros in ((1, "1s", 10**6), (5, "15m", 900 * 10**6), (3, "1h", 3600 * 10**6), (64, "1m", 60 * 10**6), (2, "1ms", 1000)):
        group = group_of(file, kind("t", limit, "sliding_log", period=period))
        with Metered(group, f"{limit} in {period}: one by one", "Tight") as s:
            for place in range(limit):
                s.check((0, place), "allowed")
            tight(s, (0, limit), s.check((0, limit), "denied"), 1)
            s.peek((0, micros))
            s.peek((0, 2 * micros))
        with Metered(group, f"{limit} in {period}: refusals cost nothing", "Refused") as s:
            s.check(0, "allowed", limit)
            for place in range(1, 5):
                s.check((0, place), "denied")
            s.check((0, micros), "allowed", limit)
        for cost in range(1, min(limit, 5) + 1):
            with Metered(group, f"{limit} in {period}: {cost} when {limit - cost + 1} are taken", "Cost", "Tight") as s:
                for place in range(limit - cost + 1):
                    s.check((0, place * 10), "allowed")
                tight(s, (0, 500), s.check((0, 500), "denied", cost), cost)
        with Metered(group, f"{limit} in {period}: more than it holds", "Cost") as s:
            s.check(0, "cost_impossible", limit + 1)
            s.check(0, "allowed", limit)
    return file


def windows():
    file = VectorFile("limits/sliding_window.json", {
        "Tight": "admitted at exactly retry_after, refused 1 us earlier (limits.md A4.4)",
        "Weight": "what the window before counts for shrinks as this one goes on (A4.4)",
        "Cost": "the cost is in the test (A4.4)",
    })  # fmt: skip
    start = 1795248000 % 60
    for limit in (1, 2, 7, 10, 60):
        group = group_of(file, kind("t", limit, "sliding_window", period="1m"))
        for phase in (0, 1, 17, 59):
            at = 60 - start + phase
            with Metered(group, f"{limit} a minute, all of it {phase} s into a window", "Tight", "Weight") as s:
                s.check(at, "allowed", limit)
                tight(s, (at, 0), s.check(at, "denied"), 1)
                offered = s.check((at, 61 * SECOND), None, limit)
                if not offered["allowed"]:
                    tight(s, (at, 61 * SECOND), offered, limit)
                s.peek(at + 121)
                s.peek(at + 180)
        for cost in sorted({1, 2, limit // 2 + 1, limit}):
            if cost > limit:
                continue
            with Metered(group, f"{limit} a minute, by {cost} across the edge", "Cost", "Weight") as s:
                s.check(60 - start, "allowed", limit - cost + 1)
                s.check(60 - start, "denied" if cost > 1 or limit == limit - cost + 1 else None, cost)
                for at in (59, 60, 61, 75, 90, 105, 119, 120):
                    s.check(60 - start + at, None, cost)
                s.check(300, "cost_impossible", limit + 1)
    return file


def calendars():
    file = VectorFile("limits/calendar.json", {
        "Edge": "a unit ends and all is there again (limits.md A4.4)",
        "Offset": "units begin where the clock of tz_offset_min says so (A4.1)",
        "Month": "months have their own lengths (A4.4)",
    })  # fmt: skip
    for unit in ("hour", "day", "month"):
        for offset in (None, -720, -210, -1, 1, 345, 840):
            more = {} if offset is None else {"tz_offset_min": offset}
            group = group_of(file, kind("t", 5, "calendar", unit=unit, **more))
            with Metered(group, f"5 a {unit}, offset {offset}", "Edge", *(["Offset"] if more else [])) as s:
                s.check(0, "allowed", 3)
                offered = s.check(10, "denied", 3)
                tight(s, (10, 0), offered, 3)
                s.check((10, offered["retry_after_us"] + 1), "denied", 3)
                s.check((10, offered["retry_after_us"] + 1), "allowed", 2)
                s.check((10, offered["retry_after_us"] + 2), "cost_impossible", 6)
    group = group_of(file, kind("t", 2, "calendar", unit="month"))
    for comment, at in (("February", 1801440000), ("a leap February", 1835308800), ("2100, no leap year", 4105123200), ("December", 1796083200), ("April", 1806537600), ("the first month of all", 86400)):
        with Metered(group, f"the month: {comment}", "Month") as s:
            s.check(at - 1795248000, "allowed", 2)
            offered = s.check(at - 1795248000, "denied", 1)
            tight(s, (at - 1795248000, 0), offered, 1)
    return file


def leases():
    file = VectorFile("limits/concurrent.json", {
        "Held": "units are held until they are given back or their lease ends (limits.md A4.1)",
        "Tight": "admitted when the lease ends, refused 1 us earlier (A4.4)",
        "Back": "leases always come back, refundable or not (A4.8)",
    })  # fmt: skip
    for limit, ttl, micros in ((1, "30s", 30 * SECOND), (3, "1s", SECOND), (256, "1h", 3600 * SECOND), (5, "1ms", 1000)):
        group = group_of(file, kind("t", limit, "concurrent", lease_ttl=ttl))
        with Metered(group, f"{limit} at a time for {ttl}: the first to end makes room", "Held", "Tight") as s:
            for place in range(min(limit, 4)):
                s.check((0, place), "allowed", 1 if place or limit < 5 else limit - 3)
            tight(s, (0, 10), s.check((0, 10), "denied" if limit != 5 else None, 2 if limit > 1 else 1), 2 if limit > 1 else 1) if limit != 5 else s.peek((0, 10))
            s.peek((0, micros + 20))
        with Metered(group, f"{limit} at a time for {ttl}: given back, again and again", "Held", "Back") as s:
            s.check(0, "allowed", limit, "a")
            s.check(0, "denied")
            s.refund("a", 0)
            s.check(0, "allowed", limit, "b")
            s.refund("a", 0)
            s.check(0, "denied")
            s.refund("b", (0, 1))
            s.refund("b", (0, 2))
            s.peek((0, 3))
        with Metered(group, f"{limit} at a time for {ttl}: given back after the lease", "Back") as s:
            s.check(0, "allowed", limit, "a")
            s.check((0, micros), "allowed", limit, "b")
            s.refund("a", (0, micros))
            s.check((0, micros), "denied")
            s.refund("b", (0, micros))
            s.check((0, micros), "allowed")
        if limit > 1:
            with Metered(group, f"{limit} at a time for {ttl}: a part given back", "Back") as s:
                s.check(0, "allowed", limit, "a")
                s.refund("a", 0, 1)
                s.check(0, "allowed")
                s.check(0, "denied")
                s.refund("a", 0, 1)
                s.check(0, "denied")
    return file


TIERS = (bucket("minute", 2, "1m"), bucket("day", 100, "1d"))
MIXED = (bucket("bucket", 10, "1m"), kind("log", 4, "sliding_log", period="1m"), kind("window", 6, "sliding_window", period="1m"), kind("quota", 9, "calendar", unit="day"), kind("slots", 5, "concurrent", lease_ttl="30s"))


def bundles():
    file = VectorFile("limits/bundles.json", {
        "AllOrNone": "every tier is charged, or none (limits.md A4.2)",
        "Binding": "refused: the longest retry; allowed: the least of its burst; ties: the longer period, then the order (A4.8)",
        "Twice": "the same policy and subject twice (A4.1)",
        "Items": "of a bundle the cost is the greatest, and each item gives back its own (A4.8)",
    })  # fmt: skip
    document = policy(of("p", *TIERS), of("q", *MIXED, refundable=True), of("eq", bucket("a", 10, "1m"), bucket("b", 10, "1h"), bucket("c", 10, "1h")), of("mail", kind("t", 3, "sliding_log", period="1h"), subject="email"))
    group = file.group("limits.sequence", policy=document, seed=SEED)
    for cost in range(0, 6):
        with Metered(group, f"mixed tiers, by {cost}", "AllOrNone", "Binding") as s:
            for at in range(6):
                s.check((at * 7, at), None, cost, policy="q")
            s.peek(60, policy="q")
    for spent in range(0, 11, 2):
        with Metered(group, f"equal tiers with {spent} taken", "Binding") as s:
            s.check(0, None, spent, policy="eq")
            s.check(0, None, 10, policy="eq")
            s.check(60, None, 10, policy="eq")
    for many in range(1, 7):
        with Metered(group, f"tenant and user, {many} of each", "AllOrNone", "Items") as s:
            s.bundle(0, ["p", "acme", min(many, 2)], ["q", "acme", min(many, 4)], ["eq", "u-42", many], want=None, save="a")
            s.bundle(1, ["q", "acme", 1], ["eq", "u-42", 10], want="denied")
            s.peek(1, policy="q")
            s.peek(1, policy="p")
            s.refund("a", 2)
            s.peek(2, policy="q")
            s.peek(2, policy="p")
    with Metered(group, "twice the same", "Twice") as s:
        s.bundle(0, ["p", "acme", 1], ["p", "acme", 1], want="invalid_argument")
        s.bundle(0, ["mail", "Ada@example.com", 1], ["mail", " ada@EXAMPLE.com ", 1], want="invalid_argument")
        s.bundle(0, ["p", "acme", 1], ["p", "other", 1])
        s.bundle(0, want="invalid_argument")
        s.peek(0)
    return file


def refunds():
    file = VectorFile("limits/refunds.json", {
        "Once": "a permit gives back once; again it is a no-op with the decision (limits.md A4.8)",
        "Leaked": "an old permit gives back nothing that has leaked away (A4.8)",
        "Refundable": "only where the policy says so, but leases always (A4.8)",
        "Most": "more than the cost is invalid_argument (A4.8)",
    })  # fmt: skip
    for refundable in (True, False):
        for tier in MIXED:
            group = group_of(file, tier, refundable=refundable)
            most = tier["limit"]
            for cost in (1, most // 2, most):
                for back in sorted({1, cost, None}, key=str):
                    with Metered(group, f"{tier['id']}, refundable {refundable}: {back or 'all'} of {cost}", "Once", "Refundable") as s:
                        s.check(0, "allowed", cost, "a")
                        s.refund("a", 1, back)
                        s.peek(1)
                        s.refund("a", 2, back)
                        s.peek(2)
                    if refundable:
                        with Metered(group, f"{tier['id']}: {back or 'all'} of {cost}, late", "Leaked") as s:
                            s.check(0, "allowed", cost, "a")
                            s.check(29, None, most - cost)
                            s.refund("a", (29, 999_999), back)
                            s.peek(30)
                            s.check(95, None, most)
                            s.refund("a", 95, back)
            with Metered(group, f"{tier['id']}, refundable {refundable}: too much", "Most") as s:
                s.check(0, "allowed", 2, "a")
                s.refund("a", 0, 3, "invalid_argument")
                s.refund("a", 0, 2)
                s.refund("a", 0, 3, "invalid_argument")
    for algo, more in (("calendar", {"unit": "hour"}), ("sliding_window", {"period": "1h"})):
        group = group_of(file, kind("t", 10, algo, **more), refundable=True)
        for late in (0, 3599, 3600, 3601, 5400, 7199, 7200, 10800):
            with Metered(group, f"{algo}: taken in an hour, given back {late} s later", "Leaked") as s:
                s.check(0, "allowed", 6, "a")
                s.check(late, None, 3)
                s.refund("a", late)
                s.peek(late)
    group = file.group("limits.sequence", policy=policy(of("p", bucket("t", 10, "1m"), refundable=True), of("q", bucket("t", 20, "1m"), refundable=True)), seed=SEED)
    for back in (1, 2, 5, None):
        with Metered(group, f"of a bundle of 1 and 5 units, {back or 'all'}: of each item at most its cost", "Most") as s:
            s.check(0, "allowed", 4)
            s.bundle(0, ["p", "acme", 1], ["q", "acme", 5], save="a")
            s.refund("a", 0, back)
            s.bundle(0, ["p", "acme", 0], ["q", "acme", 0])
    return file


def reserves():
    file = VectorFile("limits/reserve.json", {
        "Wait": "committed up to now + tau + min(max_wait, reserve_max_wait) (limits.md A4.8)",
        "Least": "a refused one says the least wait after which it would succeed (A4.8)",
        "Order": "first come, first served (A4.8)",
        "Without": "without reserve_max_wait it is invalid_argument (A4.8)",
    })  # fmt: skip
    for limit, period, longest in ((10, "1s", "30s"), (3, "1s", "1s"), (7, "1m", "1h"), (1, "1s", "500ms")):
        group = group_of(file, bucket("t", limit, period), reserve_max_wait=longest, refundable=True)
        for wait in (0, 1, 333_333, "500ms", "1s", "2s", "2h"):
            with Metered(group, f"{limit} a {period}, at most {longest}: waits of {wait}", "Wait", "Least") as s:
                s.reserve(0, wait, "allowed", limit)
                for place in range(4):
                    offered = s.reserve((0, place), wait, None, 1)
                if not offered["allowed"]:
                    retry = offered["retry_after_us"]
                    s.reserve((0, 3 + retry - 1), wait, "denied", 1)
                    s.reserve((0, 3 + retry), wait, "allowed", 1)
                s.peek((0, 5 * SECOND))
        with Metered(group, f"{limit} a {period}: in turn, and a place given up", "Order") as s:
            s.check(0, "allowed", limit)
            s.reserve(0, "1h", None, 1, "a")
            s.reserve(0, "1h", None, 1)
            if s.steps[-2]["expect"]["allowed"]:
                s.refund("a", 0)
            s.reserve(0, "1h", None, 1)
            s.check(0, "denied")
    plain = group_of(file, bucket("t", 3, "1s"))
    with Metered(plain, "no reservations here", "Without") as s:
        s.reserve(0, "1s", "invalid_argument")
        s.check(0)
    return file


def clocks():
    file = VectorFile("limits/clock.json", {
        "Back": "a clock that steps back blocks for no longer than an empty tier (limits.md A4.3, A2 row 8)",
        "Written": "the clamp is written by a refusal, never by a peek (A4.3)",
        "Forward": "jumps forward only refill (A4.3)",
    })  # fmt: skip
    for tier in MIXED:
        group = group_of(file, tier)
        most = tier["limit"]
        for step in (1, 59, 3600, DAY, 400 * DAY):
            with Metered(group, f"{tier['id']}: back by {step} s", "Back", "Written") as s:
                s.check(0, "allowed", most)
                s.peek(-step)
                s.peek(0)
                s.check(-step, None, 1)
                s.peek(-step)
                for at in (1, 5, 10, 29, 30, 31, 60, 61, 120):
                    s.check(-step + at, None, 1)
            with Metered(group, f"{tier['id']}: on by {step} s", "Forward") as s:
                s.check(0, "allowed", most)
                s.check(step, None, most)
                s.check(step, None, 1)
                s.peek(step)
    return file


def edits():
    file = VectorFile("limits/edits.json", {
        "Scale": "debt is in time, so usage scales in proportion (limits.md A4.2)",
        "AsStored": "logs, windows and counts are read as stored, remaining at least 0 (A4.2)",
        "Reset": "inherit = reset begins anew (A4.2)",
        "Tiers": "a dropped tier is forgotten, a new one is full (A4.5)",
    })  # fmt: skip
    for inherit in ("proportional", "reset"):
        for tier in MIXED:
            group = group_of(file, tier, inherit=inherit)
            flag = "Reset" if inherit == "reset" else "Scale" if tier["id"] == "bucket" else "AsStored"
            for taken in (1, tier["limit"] // 2, tier["limit"]):
                for limit in sorted({1, 2, 3, 7, tier["limit"], 2 * tier["limit"], 60}):
                    with Metered(group, f"{tier['id']}, {inherit}: {taken} taken, then a limit of {limit}", flag) as s:
                        s.check(0, "allowed", taken)
                        s.change(1, policy(of("p", {**tier, "limit": limit}, inherit=inherit)))
                        s.peek(1)
                        offered = s.check(1, None, 1)
                        if not offered["allowed"]:
                            tight(s, (1, 0), offered, 1)
    group = group_of(file, *MIXED)
    with Metered(group, "tiers change places, go and come", "Tiers") as s:
        s.check(0, "allowed", 3)
        s.change(0, policy(of("p", *reversed(MIXED))))
        s.peek(0)
        s.change(0, policy(of("p", MIXED[0], MIXED[2])))
        s.check(0)
        s.change(0, policy(of("p", *MIXED, bucket("new", 3, "1h"))))
        s.peek(0)
    for before, after in ((7, 9), (7, 3), (9, 7), (11, 13), (13, 6), (7, 8)):
        group = group_of(file, bucket("t", before, "1m"))
        with Metered(group, f"the fraction of {before} a minute is none of {after}: rounded up", "Scale") as s:
            s.check(0, "allowed", 1)
            s.change(0, policy(of("p", bucket("t", after, "1m"))))
            s.peek(0)
            for _ in range(after - 1):
                s.check(0, None, 1)
            offered = s.check(0, None, 1)
            if not offered["allowed"]:
                tight(s, (0, 0), offered, 1)
    return file


def subjects():
    file = VectorFile("limits/subjects.json", {
        "Email": "NFKC, trim, lower-case (limits.md A5)",
        "Ip": "an IPv6 address stands for its /64, an IPv4 address within IPv6 for itself",
        "Exact": "as it is given",
        "Invalid": "empty, over 320 bytes, or no address (A5)",
    })  # fmt: skip
    log = kind("t", 1, "sliding_log", period="1h")
    group = file.group("limits.sequence", policy=policy(of("email", log, subject="email"), of("ip", log, subject="ip"), of("exact", log)), seed=SEED)
    same = {
        "email": ("ada@example.com", "ADA@example.com", " ada@example.com ", "\tada@Example.COM\n", "\uff41\uff44\uff41@example.com", "\u24d0da@example.com", "ada\uff20example.com", "ada@example\u2024com", "\u3000ada@example.com"),
        "ip": ("2001:db8::1", "2001:DB8::2", "2001:0db8:0:0:ffff:ffff:ffff:ffff", " 2001:db8:0:0:1::"),
    }
    for form, texts in same.items():
        for text in texts:
            with Metered(group, f"{form}: {text!r} is the first", form.title()) as s:
                s.check(0, "allowed", subject=texts[0], policy=form)
                s.check(0, "denied", subject=text, policy=form)
    for first, second in (("203.0.113.7", "::ffff:203.0.113.7"), ("::ffff:cb00:7107", "203.0.113.7")):
        with Metered(group, f"{first} is {second}", "Ip") as s:
            s.check(0, "allowed", subject=first, policy="ip")
            s.check(0, "denied", subject=second, policy="ip")
    for form, first, second in (("exact", "ada", "Ada"), ("exact", "ada", " ada"), ("exact", "e\u0301", "\u00e9"), ("ip", "203.0.113.7", "203.0.113.8"), ("ip", "2001:db8::1", "2001:db8:0:1::1"), ("email", "ada@example.com", "ada+x@example.com")):
        with Metered(group, f"{form}: {first!r} is not {second!r}", form.title()) as s:
            s.check(0, "allowed", subject=first, policy=form)
            s.check(0, "allowed", subject=second, policy=form)
            s.check(0, "denied", subject=first, policy=form)
    bad = {
        "exact": ("", "a" * 321, "\u00e9" * 161),
        "email": ("", "  ", "\u3000", "a" * 321, "\ufdfa" * 100),
        "ip": ("", "localhost", "203.0.113", "203.0.113.256", "203.0.113.07", "[::1]", "203.0.113.7:80", "fe80::1%eth0", "ada@example.com"),
    }
    for form, texts in bad.items():
        for text in texts:
            with Metered(group, f"{form}: no subject {text[:20]!r}", "Invalid") as s:
                s.check(0, "subject_invalid", subject=text, policy=form)
                s.step("peek", 0, "subject_invalid", policy=form, subject=text)
    for text in ("a" * 320, "\u00e9" * 160):
        with Metered(group, f"320 bytes: {text[0]!r}", "Exact") as s:
            s.check(0, "allowed", subject=text, policy="exact")
            s.check(0, "denied", subject=text, policy="exact")
    for first, second in (("\u210bans@example.com", "hans@example.com"), ("\u2110da@example.com", "ida@example.com"), ("\ufb01n@example.com", "FIN@example.com")):
        with Metered(group, f"email: {first!r} is {second!r}, as NFKC comes first", "Email") as s:
            s.check(0, "allowed", subject=first, policy="email")
            s.check(0, "denied", subject=second, policy="email")
    return file


def presets():
    file = VectorFile("limits/presets.json", {
        "Preset": "the tiers of a preset (limits.md A4.1)",
        "Over": "what is written beside a preset holds over it",
    })  # fmt: skip
    for name in PRESETS:
        subject = "203.0.113.7" if name == "login_ip" else "ada@example.com"
        group = file.group("limits.sequence", policy=policy({"id": "p", "preset": name}), seed=SEED)
        with Metered(group, f"preset {name}", "Preset") as s:
            s.peek(0, subject=subject)
            most = min(tier.get("burst", tier["limit"]) for tier in PRESETS[name]["tiers"])
            s.check(0, "allowed", most, subject=subject)
            tight(s, (0, 0), s.check(0, "denied", 1, subject=subject), 1, subject=subject)
            s.check(0, "cost_impossible", most + 1, subject=subject)
    group = file.group("limits.sequence", policy=policy({"id": "p", "preset": "login", "subject": "exact"}), seed=SEED)
    with Metered(group, "another form of subject", "Over") as s:
        s.check(0, "allowed", 5, subject="Ada@example.com")
        s.check(0, "allowed", 5, subject="ada@example.com")
    return file


def errors():
    file = VectorFile("limits/errors.json", {
        "Unknown": "a policy that is not there is invalid_argument (api.md section 4)",
        "Impossible": "a cost above any tier's burst is cost_impossible (limits.md A4.2)",
        "Cost": "a cost is a whole number from 0 to 2^32 - 1",
        "Part": "a call without its part or store is config_invalid (api.md section 3)",
    })  # fmt: skip
    group = file.group("limits.sequence", policy=policy(of("p", bucket("a", 10, "1m"), bucket("b", 3, "1h")), lockout={"policies": [{"id": "login"}]}), seed=SEED)
    with Metered(group, "no such policy", "Unknown") as s:
        s.check(0, "invalid_argument", policy="q")
        s.step("peek", 0, "invalid_argument", policy="q", subject="acme")
        s.step("reset", 0, "invalid_argument", policy="q", subject="acme")
        s.bundle(0, ["p", "acme"], ["q", "acme"], want="invalid_argument")
        s.begin(0, "invalid_argument", policy="q")
        s.peek(0)
    for cost in (4, 10, 11, 4294967295):
        with Metered(group, f"a cost of {cost}", "Impossible") as s:
            s.check(0, "cost_impossible", cost)
            s.check(0, "cost_impossible", cost, op="check_local")
            s.check(0, "cost_impossible", cost, op="allow_local")
            s.bundle(0, ["p", "acme", cost], ["p", "other", 1], want="cost_impossible")
            s.peek(0)
            s.peek(0, subject="other")
    for cost in (-1, 4294967296):
        with Metered(group, f"a cost of {cost}", "Cost") as s:
            s.check(0, "invalid_argument", cost)
            s.check(0, "invalid_argument", cost, op="check_local")
            s.bundle(0, ["p", "acme", cost], want="invalid_argument")
            s.peek(0)
    bare = file.group("limits.sequence", policy={"version": 1, "store": {"default": "memory:"}}, seed=SEED)
    with Metered(bare, "neither limits nor lockout", "Part") as s:
        s.check(0, "config_invalid")
        s.check(0, "config_invalid", op="check_local")
        s.begin(0, "config_invalid")
        s.step("lockout.status", 0, "config_invalid", policy="login", identifier="ada")
    document = policy(of("p", bucket("a", 10, "1m")), lockout={"policies": [{"id": "login"}]})
    del document["store"]
    group = file.group("limits.sequence", policy=document, seed=SEED)
    with Metered(group, "no store", "Part") as s:
        s.check(0, "config_invalid")
        s.begin(0, "config_invalid")
    return file


def measured():
    file = VectorFile("limits/measured.json", {
        "Row1": "A2 row 1: a period of 2,147,484 s or 30 days counts as any other",
        "Row2": "A2 row 2: a refused request costs no tier anything",
        "Row3": "A2 row 3: a refused hit is not charged",
        "Row4": "A2 row 4: a denied cost is not stored, whatever its size",
        "Row6": "A2 row 6: with the clock frozen a fresh key admits all of its limit",
        "Row7": "A2 row 7: exactly after the wait that was named it is admitted",
        "Row8": "A2 row 8: a wall clock that steps back by an hour, one call a minute: 49 of 50",
        "Row9": "A2 row 9: strict admits no more than the limit in one closed window",
        "Row10": "A2 row 10: a greedy attacker gets 5 in a window of 15 minutes and 20 in the first hour",
    })  # fmt: skip
    for period in ("2147483s", "2147484s", "30d"):
        group = group_of(file, bucket("t", 5, period))
        with Metered(group, f"5 in {period}: 5 of 50", "Row1") as s:
            for place in range(50):
                s.check((0, place), "allowed" if place < 5 else "denied")
    group = group_of(file, bucket("minute", 2, "1m"), bucket("day", 100, "1d"))
    with Metered(group, "2 a minute and 100 a day: 48 refused, 98 left of the day", "Row2") as s:
        for place in range(50):
            s.check(0, "allowed" if place < 2 else "denied")
        assert s.peek(0)["tiers"][1]["remaining"] == 98
    group = group_of(file, bucket("minute", 10, "1m"))
    with Metered(group, "9, then 5, then 1", "Row3") as s:
        s.check(0, "allowed", 9)
        s.check(0, "denied", 5)
        s.check(0, "allowed", 1)
    with Metered(group, "with one left a cost of 100", "Row4") as s:
        s.check(0, "allowed", 9)
        s.check(0, "cost_impossible", 100)
        s.check(0, "denied", 10)
        s.check(0, "allowed", 1)
    for limit in (100, 6, 7, 9, 10, 12, 13):
        group = group_of(file, bucket("t", limit, "1m"))
        with Metered(group, f"a fresh key admits {limit} at one instant", "Row6") as s:
            s.check(0, "allowed", limit - 1)
            s.check(0, "allowed", 1)
            s.check(0, "denied", 1)
    for limit, period in ((7, "1m"), (11, "1h"), (100, "1m"), (5000, "1h"), (100000, "1d")):
        group = group_of(file, bucket("t", limit, period))
        with Metered(group, f"{limit} in {period}: exactly after the wait", "Row7") as s:
            s.check(0, "allowed", limit)
            at = 0
            for _ in range(12):
                offered = s.check((0, at), "denied")
                at += offered["retry_after_us"]
                s.check((0, at), "allowed")
    group = group_of(file, bucket("minute", 10, "1m"))
    with Metered(group, "back by an hour, then one call a minute", "Row8") as s:
        s.check(0, "allowed", 10)
        for place in range(50):
            s.check(-3600 + 60 * place, "denied" if place == 0 else "allowed")
    group = file.group("limits.sequence", policy=policy({"id": "p", "preset": "strict"}), seed=SEED)
    with Metered(group, "strict: 10 at once, no more than 109 in a minute", "Row9") as s:
        s.check(0, "allowed", 10)
        for place in range(1, 12):
            s.check((0, place * 600_000 - 1), "denied" if place == 1 else None)
            s.check((0, place * 600_000), None)
    group = group_of(file, kind("t", 5, "sliding_log", period="15m"))
    with Metered(group, "every minute an attempt, for an hour", "Row10") as s:
        admitted = sum(s.check(60 * minute, None)["allowed"] for minute in range(60))
        assert admitted == 20, admitted
    return file
