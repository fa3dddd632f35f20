import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { Closed, ConfigError, Gate, InternalError, InvalidArgument, LimitError } from "gatewright";
import { ManualClock, fromPolicy, readDecision, reopen } from "gatewright/testing";
import { NOW } from "./policy.mjs";

const POLICY = {
  version: 1,
  store: { default: "memory:" },
  http: { rate_limit_headers: ["legacy", "draft-10"] },
  limits: {
    policies: [
      { id: "tenant", preset: "tenant" },
      { id: "mine", tiers: [{ id: "minute", limit: 10, period: "1m" }], refundable: true },
      { id: "queue", tiers: [{ id: "second", limit: 10, period: "1s" }], reserve_max_wait: "30s" },
      { id: "slow", tiers: [{ id: "months", limit: 1, period: "60d" }], reserve_max_wait: "365d" },
      { id: "login", tiers: [{ id: "quarter", limit: 5, period: "15m", algo: "sliding_log" }], subject: "email" },
    ],
  },
};

async function within(use, policy = POLICY) {
  const clock = new ManualClock(NOW);
  const gate = await fromPolicy(policy, { clock });
  try {
    await use(gate, clock);
  } finally {
    await gate.close();
  }
}

test("a decision has the members of the contract, and cannot be changed", () =>
  within(async ({ limits }) => {
    const decision = await limits.check("tenant", "acme", 40);
    const now = NOW * 1000;
    assert.deepEqual(JSON.parse(JSON.stringify(decision)), {
      allowed: true,
      source: "store",
      nowUs: now,
      cost: 40,
      binding: { policy: "tenant", tier: "minute" },
      retryAfterUs: 0,
      tiers: [
        ["minute", 100, 60e6, 600_000],
        ["hour", 5000, 3600e6, 720_000],
        ["day", 100_000, 86_400e6, 864_000],
      ].map(([id, limit, periodUs, unit]) => {
        const common = { policy: "tenant", id, algo: "token_bucket", limit, burst: limit, periodUs, remaining: limit - 40, used: 40 };
        return { ...common, nextUnitUs: unit, fullAtUs: now + 40 * unit, retryAfterUs: 0, allowed: true };
      }),
      permit: { cost: 40, isSpent: false },
      atomicity: "atomic",
    });
    assert.equal(decision.waitUs, undefined);
    assert.equal(decision.waitMs, undefined);
    assert.equal(decision.tiers, decision.tiers);
    assert.equal(decision.permit, decision.permit);
    assert.throws(() => (decision.tiers[0].used = 0), TypeError);
    assert.throws(() => (decision.allowed = false), TypeError);
    assert.match(inspect(decision), /binding: \{ policy: 'tenant', tier: 'minute' \}/);
  }));

test("a refusal is a decision, whose milliseconds are rounded up", () =>
  within(async ({ limits }, clock) => {
    await limits.check("tenant", "acme", 100);
    clock.set(NOW + 0.001);
    const refused = await limits.check("tenant", "acme");
    assert.deepEqual([refused.allowed, refused.permit, refused.retryAfterUs, refused.retryAfterMs], [false, undefined, 599_999, 600]);
    clock.set(NOW + 599.999);
    assert.equal((await limits.check("tenant", "acme")).allowed, false);
    clock.set(NOW + 600);
    assert.equal((await limits.check("tenant", "acme")).allowed, true);
  }));

test("names beyond ASCII and long subjects are the same subject each time", () =>
  within(async ({ limits }) => {
    for (const subject of ["żółw", "🐢".repeat(70), "a".repeat(95), "a".repeat(96), "é".repeat(46) + "aaa"]) {
      assert.equal(limits.checkLocal("mine", subject, 4).tiers[0].used, 4, subject);
      assert.equal((await limits.check("mine", subject, 4)).tiers[0].used, 8, subject);
      assert.equal(limits.checkLocal("mine", `${subject}b`, 1).tiers[0].used, 1, subject);
    }
    assert.equal(limits.checkLocal("login", "Ada@Example.com").tiers[0].used, 1);
    assert.equal(limits.checkLocal("login", " ada@example.COM ").tiers[0].used, 2);
  }));

test("a peek and a cost of 0 take nothing, and a reset forgets", () =>
  within(async ({ limits }) => {
    await limits.check("mine", "acme", 4);
    assert.equal((await limits.peek("mine", "acme")).tiers[0].remaining, 6);
    assert.equal((await limits.check("mine", "acme", 0)).permit, undefined);
    assert.equal(limits.checkLocal("mine", "acme", 0).tiers[0].remaining, 6);
    assert.equal((await limits.reset("mine", "acme")).tiers[0].remaining, 10);
  }));

test("a bundle is taken whole or not at all, however it is written", () =>
  within(async ({ limits }) => {
    const both = await limits.checkAll([["mine", "a"], { policy: "mine", subject: "b", cost: 3 }], { context: { requestId: "r-1" } });
    assert.deepEqual([both.cost, both.tiers.map(({ used }) => used)], [3, [1, 3]]);
    const refused = await limits.checkAll([["mine", "a", 1], ["mine", "b", 8]]);
    assert.deepEqual([refused.allowed, refused.tiers.map(({ used, allowed }) => [used, allowed])], [false, [[1, true], [3, false]]]);
    await assert.rejects(limits.checkAll([["mine", "a"], ["mine", "a"]]), InvalidArgument);
    for (const wrong of [undefined, "mine", [undefined], [["mine"]], [["mine", "a", 1, 1]], [{ policy: "mine" }], [{ policy: "mine", subject: "a", price: 1 }], []]) {
      await assert.rejects(limits.checkAll(wrong), InvalidArgument, inspect(wrong));
    }
  }));

test("a permit gives back once, in whole or in part, and only what it took", () =>
  within(async ({ limits }) => {
    const { permit } = await limits.check("mine", "acme", 6);
    assert.deepEqual([permit.cost, permit.isSpent], [6, false]);
    await assert.rejects(limits.refund(permit, 7), InvalidArgument);
    assert.equal(permit.isSpent, false);
    const answers = await Promise.all([limits.refund(permit, 2), limits.refund(permit, 2)]);
    assert.deepEqual(answers.map(({ tiers }) => tiers[0].used), [4, 4]);
    assert.equal(permit.isSpent, true);
    assert.equal((await limits.refund(permit)).tiers[0].used, 4);
    assert.equal((await limits.refund(limits.checkLocal("mine", "acme", 5).permit)).tiers[0].used, 4);
    for (const wrong of [undefined, null, {}, await limits.peek("mine", "acme")]) await assert.rejects(limits.refund(wrong), InvalidArgument);
  }));

test("a permit outlives a policy that is opened anew", () =>
  within(async (gate) => {
    const { permit } = await gate.limits.check("mine", "acme", 6);
    const next = await reopen(gate, { ...POLICY, limits: { policies: [{ ...POLICY.limits.policies[1], tiers: [{ id: "minute", limit: 20, period: "1m" }] }] } });
    // Debt is time: 6 of 10 a minute are 12 of 20, and 6 units come back.
    assert.equal((await next.limits.peek("mine", "acme")).tiers[0].used, 12);
    assert.equal((await next.limits.refund(permit)).tiers[0].used, 6);
    assert.equal(permit.isSpent, true);
    await next.close();
  }));

/** With a gate whose time passes. */
async function live(use) {
  const gate = await Gate.fromPolicy(POLICY);
  try {
    await use(gate);
  } finally {
    await gate.close();
  }
}

const TWO_MONTHS_MS = 60 * 86_400_000;

/** Reserves what comes in 60 days, if nobody else has. */
async function twoMonthsToWait(limits) {
  await limits.check("slow", "a");
  const later = await limits.reserve("slow", "a", 1, { maxWaitMs: 2 * TWO_MONTHS_MS });
  assert.ok(later.waitMs > 0 && later.waitMs <= TWO_MONTHS_MS, String(later.waitMs));
  return later;
}

test("what is granted later is waited for", () =>
  live(async ({ limits }) => {
    await limits.wait(await limits.check("queue", "a", 10));
    const started = performance.now();
    const later = await limits.reserve("queue", "a", 10, { maxWaitMs: 30_000 });
    assert.deepEqual([later.allowed, later.waitMs <= 1000], [true, true]);
    await limits.wait(later, { signal: AbortSignal.timeout(60_000) });
    // Never less, however busy this machine is.
    assert.ok(performance.now() - started >= later.waitUs / 1000);
    await limits.wait(later);
    assert.equal(later.permit.isSpent, false);

    const refused = await limits.reserve("slow", "b", 1, { maxWaitMs: 0 }).then(() => limits.reserve("slow", "b", 1, { maxWaitMs: 1 }));
    assert.deepEqual([refused.allowed, refused.waitUs], [false, undefined]);
    await limits.wait(refused);
  }));

test("a clock that stands still is not waited for", () =>
  within(async ({ limits }) => {
    const later = await twoMonthsToWait(limits);
    await limits.wait(later);
    assert.deepEqual([later.waitMs, later.permit.isSpent], [TWO_MONTHS_MS, false]);
  }));

test("a wait that is aborted gives back once", () =>
  live(async ({ limits }) => {
    const called = new AbortController();
    const dropped = await twoMonthsToWait(limits);
    const waiting = limits.wait(dropped, { signal: called.signal });
    called.abort(new Error("gone"));
    await assert.rejects(waiting, /^Error: gone$/);
    assert.equal(dropped.permit.isSpent, true);
    const again = await twoMonthsToWait(limits);
    const late = await limits.refund(dropped.permit);
    assert.ok(late.tiers[0].fullAtUs - late.nowUs > TWO_MONTHS_MS * 1000, "what the next has taken is still taken");
    await assert.rejects(limits.wait(again, { signal: AbortSignal.abort() }), { name: "AbortError" });
    assert.equal(again.permit.isSpent, true);
    await twoMonthsToWait(limits);
  }));

test("a wait beyond what timers know does not end after a millisecond (limits.md A2, row 1)", () =>
  live(async ({ limits }) => {
    const called = new AbortController();
    let over = false;
    const waiting = limits.wait(await twoMonthsToWait(limits), { signal: called.signal }).finally(() => (over = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(over, false);
    called.abort();
    await assert.rejects(waiting, { name: "AbortError" });
  }));

test("a wait ends with its gate and with its permit", () =>
  live(async (gate) => {
    const given = await twoMonthsToWait(gate.limits);
    const first = assert.rejects(gate.limits.wait(given), { code: "invalid_argument", message: /^permit: / });
    await gate.limits.refund(given.permit);
    await first;
    await assert.rejects(gate.limits.wait(given), InvalidArgument);
    const later = await twoMonthsToWait(gate.limits);
    const waiting = assert.rejects(gate.limits.wait(later), Closed);
    await gate.close();
    await waiting;
    await assert.rejects(gate.limits.wait(later), Closed);
    await assert.rejects(gate.limits.reserve("slow", "a", 1, { maxWaitMs: 1 }), Closed);
  }));

test("limits of any period admit no more than they say (limits.md A2, row 1)", () =>
  within(
    async ({ limits }, clock) => {
      for (const policy of ["a", "b", "c"]) {
        let admitted = 0;
        for (let request = 0; request < 50; request += 1) {
          clock.set(NOW + request);
          if (limits.allowLocal(policy, "acme")) admitted += 1;
        }
        assert.equal(admitted, 5, policy);
      }
    },
    {
      version: 1,
      store: { default: "memory:" },
      limits: { policies: [["a", "2147483s"], ["b", "2147484s"], ["c", "30d"]].map(([id, period]) => ({ id, tiers: [{ id: "tier", limit: 5, period }] })) },
    },
  ));

test("headers and the problem of a refusal are the core's, whole", () =>
  within(async (gate) => {
    const { limits } = gate;
    const allowed = await limits.check("tenant", "acme", 100);
    assert.deepEqual(limits.headers(allowed).map(([name]) => name), ["X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit-Policy", "RateLimit"]);
    const refused = limits.checkLocal("tenant", "acme");
    assert.deepEqual(limits.headers(refused).find(([name]) => name === "Retry-After"), ["Retry-After", "1"]);
    const { status, headers, body } = limits.problem(refused);
    const { type, "violated-policies": violated } = JSON.parse(Buffer.from(body));
    assert.deepEqual([status, type, violated], [429, "https://iana.org/assignments/http-problem-types#quota-exceeded", ["minute"]]);
    for (const line of limits.headers(refused)) assert.ok(headers.some(([name, value]) => name === line[0] && value === line[1]), line[0]);
    for (const wrong of [undefined, {}, { ...refused }]) {
      assert.throws(() => limits.headers(wrong), InvalidArgument);
      assert.throws(() => limits.problem(wrong), InvalidArgument);
      await assert.rejects(limits.wait(wrong), InvalidArgument);
    }
    await assert.rejects(limits.wait(refused, { signal: {} }), InvalidArgument);
  }));

test("what other servers say is read in any form of headers", () =>
  within(async ({ limits }) => {
    const lines = { "RateLimit-Policy": '"burst";q=100;w=60;pk=:AP8=:', RateLimit: '"burst";r=0;t=7', "retry-after": "9" };
    const forms = [lines, new Headers(lines), Object.entries(lines), Object.entries(lines).flat(), new Map(Object.entries(lines).map(([name, value]) => [name, Buffer.from(value)]))];
    for (const form of forms) {
      const { waitMs, waitUs, limits: told } = limits.parseHeaders(form);
      assert.deepEqual([waitMs, waitUs], [9000, 9_000_000]);
      assert.deepEqual(told.map(({ name, quota, windowS, remaining, resetS, unit, partitionKey }) => [name, quota, windowS, remaining, resetS, unit, [...partitionKey]]), [
        ["burst", 100, 60, 0, 7, undefined, [0, 255]],
      ]);
    }
    assert.deepEqual(limits.parseHeaders({ ratelimit: "\u0000;;;", "retry-after": "soon" }), { waitMs: 0, waitUs: 0, limits: [] });
    assert.throws(() => limits.parseHeaders("x"), InvalidArgument);
  }));

test("wrong arguments are refused before anything is decided", () =>
  within(async (gate) => {
    const { limits } = gate;
    for (const cost of [-1, 0.5, NaN, 2 ** 32, "1", 1n, true, null]) {
      await assert.rejects(limits.check("mine", "acme", cost), { code: "invalid_argument", message: /^cost: / }, String(cost));
      assert.throws(() => limits.checkLocal("mine", "acme", cost), InvalidArgument);
      assert.throws(() => limits.allowLocal("mine", "acme", cost), InvalidArgument);
    }
    for (const [policy, subject] of [[1, "a"], ["mine", undefined], ["mine", {}], ["mine", "\ud800"], ["unknown", "a"]]) {
      await assert.rejects(limits.check(policy, subject), InvalidArgument);
      await assert.rejects(limits.peek(policy, subject), InvalidArgument);
      await assert.rejects(limits.reset(policy, subject), InvalidArgument);
      assert.throws(() => limits.checkLocal(policy, subject), InvalidArgument);
      assert.throws(() => limits.allowLocal(policy, subject), InvalidArgument);
    }
    for (const options of [undefined, {}, { maxWaitMs: -1 }, { maxWaitMs: "5s" }, { maxWaitMs: NaN }, { maxWait: 5 }]) {
      await assert.rejects(limits.reserve("queue", "a", 1, options), InvalidArgument, inspect(options));
    }
    assert.equal((await limits.reserve("queue", "a", 1, { maxWaitMs: Infinity })).allowed, true);
    await assert.rejects(limits.reserve("mine", "a", 1, { maxWaitMs: 1 }), InvalidArgument);
    await assert.rejects(limits.check("mine", "a", 1, { contxt: {} }), InvalidArgument);
    assert.throws(() => limits.checkLocal("mine", "a", 1, { contxt: {} }), InvalidArgument);
    await assert.rejects(limits.check("mine", "a", 11), { name: "LimitError", code: "cost_impossible" });
    assert.throws(() => limits.allowLocal("login", " "), { name: "LimitError", code: "subject_invalid", status: 400 });
    assert.ok(new LimitError({ code: "cost_impossible", message: "" }) instanceof Error);
    assert.equal((await limits.peek("mine", "a")).tiers[0].used, 0);
  }));

test("without limits, or with them elsewhere than in memory, the call says so", async () => {
  await within(
    async ({ limits }) => {
      await assert.rejects(limits.check("a", "b"), ConfigError);
      assert.throws(() => limits.checkLocal("a", "b"), ConfigError);
    },
    { version: 1 },
  );
  const gate = await Gate.fromPolicy({ ...POLICY, store: undefined });
  await assert.rejects(gate.limits.check("mine", "b"), ConfigError);
  assert.throws(() => gate.limits.allowLocal("mine", "b"), ConfigError);
  await gate.close();
  assert.throws(() => gate.limits.allowLocal("mine", "b"), { code: "closed" });
});

test("each gate asks its own policies, and none once it is closed", async () => {
  const used = ({ limits }) => limits.checkLocal("mine", "acme").tiers[0].used;
  const [first, second] = [await Gate.fromPolicy(POLICY), await Gate.fromPolicy(POLICY)];
  assert.deepEqual([used(first), used(second), used(second)], [1, 1, 2]);
  await first.close();
  await first.close();
  assert.throws(() => first.limits.checkLocal("mine", "acme"), { name: "Closed", code: "closed" });
  assert.throws(() => first.limits.allowLocal("mine", "acme"), { code: "closed" });
  const third = await Gate.fromPolicy(POLICY);
  assert.deepEqual([used(third), used(second), used(third)], [1, 3, 2]);
  await second.close();
  await third.close();
});

test("events tell what was decided, and for which request", () =>
  within(async (gate) => {
    // A listener does not keep the process alive.
    const alive = setInterval(() => {}, 1000);
    const told = new Promise((resolve) => gate.onEvent(resolve));
    gate.limits.checkLocal("mine", "acme", 1, { context: { requestId: "r-1" } });
    const { kind, outcome, details, context } = await told;
    clearInterval(alive);
    assert.deepEqual([kind, outcome, details, context.requestId], ["limit_checked", "allowed", { policy: "mine", tier: "minute", source: "store" }, "r-1"]);
  }));

test("a decision written by hand has no permit, and what is none is refused", () =>
  within(async (gate) => {
    const written = { now_us: NOW * 1000, tiers: [{ id: "minute", limit: 100, period_us: 60e6, used: 40 }] };
    const decision = readDecision(gate, written);
    assert.deepEqual([decision.allowed, decision.permit, decision.binding.tier, decision.tiers[0].remaining], [true, undefined, "minute", 60]);
    assert.deepEqual(gate.limits.headers(decision), gate.limits.headers(readDecision(gate, JSON.stringify(written))));
    for (const wrong of ["{}}", "[]", { colour: 1 }]) assert.throws(() => readDecision(gate, wrong), InvalidArgument);
    assert.throws(() => readDecision({}, written), InvalidArgument);
    assert.ok(!(new InvalidArgument({ code: "invalid_argument", message: "" }) instanceof InternalError));
  }));

test("an object that only looks like a decision or a permit is none", () =>
  within(async ({ limits }) => {
    const decision = limits.checkLocal("mine", "acme");
    const [forged, permit] = [decision, decision.permit].map((own) => Object.create(Object.getPrototypeOf(own)));
    for (const call of ["headers", "problem"]) assert.throws(() => limits[call](forged), InvalidArgument, call);
    await assert.rejects(limits.wait(forged), InvalidArgument);
    await assert.rejects(limits.refund(permit), InvalidArgument);
  }));
