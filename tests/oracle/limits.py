"""Limits and lockouts: policies and subjects, tiers decided together, permits. limits.md A4.1, A4.5, A4.8 and A5."""

import ipaddress
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

import lockout
from idempotency import duration
from tiers import tier as tier_of
from wire import Refused

MOST_BYTES = 320
MINUTE, HOUR, DAY = "1m", "1h", "1d"


def bucket(name: str, limit: int, period: str, **more) -> dict:
    return {"id": name, "limit": limit, "period": period, **more}


def log(name: str, limit: int, period: str) -> dict:
    return {"id": name, "limit": limit, "period": period, "algo": "sliding_log"}


def window(name: str, limit: int, period: str) -> dict:
    return {"id": name, "limit": limit, "period": period, "algo": "sliding_window"}


# A4.1, and what docs/limits.md says where the page names no figures.
PRESETS = {
    "tenant": {"tiers": [bucket("minute", 100, MINUTE), bucket("hour", 5000, HOUR), bucket("day", 100000, DAY)]},
    "strict": {"tiers": [bucket("minute", 100, MINUTE, burst=10), window("hour", 5000, HOUR), window("day", 100000, DAY)]},
    "login": {"tiers": [log("quarter", 5, "15m")], "subject": "email"},
    "login_ip": {"tiers": [bucket("minute", 30, MINUTE), bucket("hour", 300, HOUR)], "subject": "ip"},
    "password_reset": {"tiers": [log("hour", 3, HOUR)], "subject": "email"},
    "email": {"tiers": [log("hour", 5, HOUR), {"id": "day", "limit": 20, "algo": "calendar", "unit": "day"}], "subject": "email"},
    "outbound": {"tiers": [bucket("second", 10, "1s")], "refundable": True, "reserve_max_wait": "30s"},
}


def subject_key(form: str, text: str) -> str:
    """A5: NFKC, trim, lower-case; ip_key of an address (item 7 of issue 6: a /64 of IPv6)."""
    if form == "email":
        text = unicodedata.normalize("NFKC", text).strip().lower()
    if form == "ip":
        try:
            address = ipaddress.ip_address(text.strip())
        except ValueError:
            raise Refused("subject_invalid") from None
        if address.version == 6 and address.scope_id is not None:
            raise Refused("subject_invalid")
        if address.version == 6 and address.ipv4_mapped:
            address = address.ipv4_mapped
        text = str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))
    if not 0 < len(text.encode()) <= MOST_BYTES:
        raise Refused("subject_invalid")
    return text


class Policy:
    def __init__(self, document: dict):
        document = {**PRESETS.get(document.get("preset"), {}), **document}
        self.id, self.form = document["id"], document.get("subject", "exact")
        self.tiers = [tier_of(item) for item in document["tiers"]]
        self.refundable = document.get("refundable", False)
        self.reserve = duration(document["reserve_max_wait"]) if "reserve_max_wait" in document else None
        self.resets = document.get("inherit") == "reset"
        self.room = document.get("max_keys", 1_000_000)


@dataclass
class Permit:
    items: list
    cost: int
    reserved: bool = False
    spent: bool = False


class Item:
    """One subject of a call: its policy and what is stored of it."""

    def __init__(self, service, policy: str, subject: str, cost: int = 1):
        if policy not in service.limits:
            raise Refused("invalid_argument")
        self.policy, self.cost = service.limits[policy], cost
        self.key = (policy, subject_key(self.policy.form, subject))
        if any(cost > tier.burst for tier in self.policy.tiers):
            raise Refused("cost_impossible")

    def states(self, store: dict, now: int) -> list:
        """(tier, its state now, whether the clock rule changed it)."""
        kept = store.get(self.key, {})
        found = []
        for one in self.policy.tiers:
            before, state = kept.get(one.id, (None, None))
            found.append((one, *one.at(state if self.goes_on(one, before) else None, now, self.policy.reserve or 0)))
        return found

    def goes_on(self, now, before) -> bool:
        """Whether a tier that may have been edited goes on with what was taken of it."""
        return before is not None and before.algo == now.algo and (not self.policy.resets or before.settings() == now.settings())


class Service:
    def __init__(self, policy: dict, store: dict):
        self.store, self.now, self.names = store, 0, store.setdefault("names", [0])
        self.meters, self.accounts = store.setdefault("meters", {}), store.setdefault("accounts", {})
        self.has_limits, self.has_lockout, self.has_store = "limits" in policy, "lockout" in policy, "store" in policy
        self.limits = {item["id"]: Policy(item) for item in policy.get("limits", {}).get("policies", [])}
        self.lockouts = {item["id"]: item for item in policy.get("lockout", {}).get("policies", [])}
        kept = policy.get("store", {})
        self.in_memory = kept.get("limits", kept.get("default")) == "memory:"

    # --- limits

    def item(self, *named) -> Item:
        if not self.has_limits or not self.has_store:
            raise Refused("config_invalid")
        return Item(self, *named)

    def check(self, policy: str, subject: str, cost: int = 1) -> dict:
        return self.decide([self.item(policy, subject, self.cost(cost))])

    def check_local(self, policy: str, subject: str, cost: int = 1) -> dict:
        if not self.in_memory:
            raise Refused("config_invalid")
        return self.check(policy, subject, cost)

    def allow_local(self, policy: str, subject: str, cost: int = 1) -> dict:
        return {"value": self.check_local(policy, subject, cost)["allowed"]}

    def peek(self, policy: str, subject: str) -> dict:
        return self.check(policy, subject, 0)

    def check_all(self, bundle: list) -> dict:
        named = [tuple(entry.values()) if isinstance(entry, dict) else tuple(entry) for entry in bundle]
        items = [self.item(*entry[:2], self.cost(entry[2] if len(entry) > 2 else 1)) for entry in named]
        if not 1 <= len(items) <= 16 or len({item.key for item in items}) < len(items):
            raise Refused("invalid_argument")
        return self.decide(items)

    def reserve(self, policy: str, subject: str, max_wait, cost: int = 1) -> dict:
        wanted = self.item(policy, subject, self.cost(cost))
        wait = duration(max_wait) if isinstance(max_wait, str) else max_wait
        if wanted.policy.reserve is None or wait < 0:
            raise Refused("invalid_argument")
        return self.decide([wanted], min(wait, wanted.policy.reserve), reserved=True)

    @staticmethod
    def cost(cost: int) -> int:
        if not 0 <= cost < 1 << 32:
            raise Refused("invalid_argument")
        return cost

    def decide(self, items: list, wait: int = 0, reserved: bool = False) -> dict:
        now, looked = self.now, [(item, item.states(self.meters, self.now)) for item in items]
        longest = lambda tier, state, item: tier.wait(state, now, item.cost) if item.cost else 0
        waits = [[longest(tier, state, item) for tier, state, _ in states] for item, states in looked]
        allowed = all(needed <= wait for row in waits for needed in row)
        cost, permit = max(item.cost for item in items), None
        told = []
        if allowed and cost:
            self.names[0] += 1
            permit = Permit([], cost, reserved)
        for (item, states), row in zip(looked, waits):
            after, taken = [], []
            for tier, state, _ in states:
                if permit and item.cost:
                    state, own = tier.take(state, now, item.cost, self.names[0])
                    taken.append((tier.id, (tier, own)))
                after.append((tier, state))
            if permit:
                permit.items.append((item.policy.id, item.key, item.cost, dict(taken)))
            if taken or (cost and item.cost and any(moved for _, _, moved in states)):
                self.write(item, after)
            told += [(item, tier, state, max(0, needed - wait)) for (tier, state), needed in zip(after, row)]
        answer = self.decision(told, cost)
        answer |= {"permit": {"cost": cost} if permit else None, "handle": permit}
        # A reservation that took nothing has nothing to wait for.
        answer["wait_us"] = max(needed for row in waits for needed in row) if reserved and allowed else None
        return answer

    def write(self, item: Item, states: list):
        self.meters[item.key] = {tier.id: (tier, tier.stored(state)) for tier, state in states}

    def decision(self, told: list, cost: int) -> dict:
        tiers = [
            {
                "policy": item.policy.id,
                "id": tier.id,
                "algo": tier.algo,
                "limit": tier.limit,
                "burst": tier.burst,
                "period_us": tier.period(self.now),
                "remaining": tier.remaining(state, self.now),
                "used": tier.burst - tier.remaining(state, self.now),
                "next_unit_us": tier.next_unit(state, self.now),
                "full_at_us": tier.full_at(state, self.now),
                "retry_after_us": retry,
                "allowed": retry == 0,
            }
            for item, tier, state, retry in told
        ]
        allowed = all(tier["allowed"] for tier in tiers)
        if allowed:
            rank = lambda tier: (Fraction(tier["remaining"], tier["burst"]), -tier["period_us"])
        else:
            rank = lambda tier: (tier["allowed"], -tier["retry_after_us"], -tier["period_us"])
        least = min(tiers, key=rank)
        return {
            "allowed": allowed,
            "source": "store",
            "now_us": self.now,
            "cost": cost,
            "binding": {"policy": least["policy"], "tier": least["id"]},
            "retry_after_us": max(tier["retry_after_us"] for tier in tiers),
            "wait_us": None,
            "tiers": tiers,
            "permit": None,
            "atomicity": "atomic",
        }

    def refund(self, permit: Permit, cost: int | None = None) -> dict:
        cost = permit.cost if cost is None else self.cost(cost)
        if cost > permit.cost:
            raise Refused("invalid_argument")
        first, told, written = not permit.spent, [], []
        for policy, key, own, taken in permit.items:
            if policy not in self.limits:
                raise Refused("invalid_argument")
            item = Item.__new__(Item)
            item.policy, item.key = self.limits[policy], key
            units, after, changed = min(cost, own) if first and key in self.meters else 0, [], False
            for tier, state, moved in item.states(self.meters, self.now):
                comes_back = item.policy.refundable or permit.reserved or tier.algo == "concurrent"
                before, own_state = taken.get(tier.id, (None, None))
                if units and comes_back and item.goes_on(tier, before):
                    state, changed = tier.give(state, self.now, units, own_state), True
                changed |= moved and bool(units)
                after.append((tier, state))
            if changed:
                written.append((item, after))
            told += [(item, tier, state, 0) for tier, state in after]
        for item, after in written:
            self.write(item, after)
        permit.spent = True
        return self.decision(told, 0)

    def reset(self, policy: str, subject: str) -> dict:
        item = self.item(policy, subject, 0)
        self.meters.pop(item.key, None)
        return self.decide([item])

    # --- lockouts

    def account(self, policy: str, identifier: str, device: str | None):
        """(settings, key, the entry that is not forgotten)."""
        if not self.has_lockout or not self.has_store:
            raise Refused("config_invalid")
        if policy not in self.lockouts:
            raise Refused("invalid_argument")
        document = self.lockouts[policy]
        key = (policy, subject_key(document.get("subject", "exact"), identifier), device)
        return lockout.Policy(document), key, self.entry(key)

    def entry(self, key):
        entry = self.accounts.get(key)
        return entry if entry and self.now < entry.expires else None

    def put(self, settings, key, entry):
        if entry:
            self.accounts[key] = settings.kept(entry)

    def begin(self, policy: str, identifier: str, device: str | None = None) -> dict:
        settings, key, before = self.account(policy, identifier, device)
        entry, refusal = settings.begin(before, self.now)
        if refusal:
            if entry != before:
                self.put(settings, key, entry)
            raise refusal
        self.put(settings, key, entry)
        return {"n": entry.fails, "last": entry.fails == settings.threshold, "handle": [settings, key, entry.gen, False]}

    def settle(self, attempt: list, success: bool):
        settings, key, gen, _ = attempt
        attempt[3] = True
        entry = self.entry(key)
        if success and entry:
            self.put(settings, key, settings.success(entry, gen, self.now))

    def abandon(self, attempt: list):
        settings, key, gen, settled = attempt
        entry = self.entry(key)
        if not settled and entry:
            self.put(settings, key, settings.abandon(entry, gen, self.now))
        attempt[3] = True

    def unlock(self, policy: str, identifier: str, device: str | None = None):
        settings, key, entry = self.account(policy, identifier, device)
        if entry:
            self.put(settings, key, settings.unlock(entry, self.now))

    def status(self, policy: str, identifier: str, device: str | None = None) -> dict:
        settings, _, entry = self.account(policy, identifier, device)
        return settings.status(entry, self.now)
