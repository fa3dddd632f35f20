// The calls of limits.sequence, through the public API: arguments from their wire names, results to them.

import { InvalidArgument } from "../../../bindings-node/index.mjs";
import { about, given, headersOf, nothing, offerValue, reopened } from "./calls.mjs";
import { durationOf } from "./shape.mjs";

const TIER = ["policy", "id", "algo", "limit", "burst", "remaining", "used", "allowed"];
const SPANS = { period_us: "periodUs", next_unit_us: "nextUnitUs", full_at_us: "fullAtUs", retry_after_us: "retryAfterUs" };

const tierOf = (tier) =>
  Object.fromEntries([...TIER.map((name) => [name, tier[name]]), ...Object.entries(SPANS).map(([name, member]) => [name, tier[member]])]);

function decided(decision) {
  const { allowed, source, nowUs, cost, binding, retryAfterUs, waitUs, tiers, permit, atomicity } = decision;
  const offer = {
    allowed,
    source,
    now_us: nowUs,
    cost,
    binding: { policy: binding.policy, tier: binding.tier },
    retry_after_us: retryAfterUs,
    wait_us: waitUs ?? null,
    tiers: tiers.map(tierOf),
    permit: permit === undefined ? null : { cost: permit.cost },
    atomicity,
  };
  return { offer, handle: decision };
}

const subjectOf = ({ policy = "", subject = "" }) => [policy, subject];
/** A whole number past 2^53 is a text. */
const costOf = ({ cost }) => (cost === undefined ? undefined : Number(cost));
const charge = (step) => [...subjectOf(step), costOf(step), about(step)];

function itemOf(item) {
  if (Array.isArray(item)) return item.map((part, at) => (at === 2 ? Number(part) : part));
  return { ...item, ...given({ cost: costOf(item) }) };
}

function maxWaitOf({ max_wait: wait }) {
  const micros = Number(durationOf(wait));
  if (!(micros >= 0)) throw new InvalidArgument({ code: "invalid_argument", message: "maxWait: give a duration of 0 or more" });
  return micros / 1000;
}

const micros = (milliseconds) => (milliseconds === undefined ? null : Math.round(milliseconds * 1000));
const accountOf = (step) => [step.policy ?? "", step.identifier ?? "", { ...given({ device: step.device }), ...about(step) }];

export const LIMITS = {
  check: async (gate, step) => decided(await gate.limits.check(...charge(step))),
  peek: async (gate, step) => decided(await gate.limits.peek(...subjectOf(step), about(step))),
  check_all: async (gate, step) => decided(await gate.limits.checkAll(step.bundle.map(itemOf), about(step))),
  reserve: async (gate, step) => decided(await gate.limits.reserve(...subjectOf(step), costOf(step), { maxWaitMs: maxWaitOf(step), ...about(step) })),
  refund: async (gate, { permit, ...step }) => decided(await gate.limits.refund(permit.permit, costOf(step))),
  reset: async (gate, step) => decided(await gate.limits.reset(...subjectOf(step), about(step))),
  check_local: async (gate, step) => decided(gate.limits.checkLocal(...charge(step))),
  allow_local: async (gate, step) => offerValue(gate.limits.allowLocal(...charge(step))),
  headers: async (gate, { decision }) => ({ offer: { headers: gate.limits.headers(decision) } }),
  async parse_headers(gate, { headers = [] }) {
    const told = gate.limits.parseHeaders(headersOf(headers));
    const limits = told.limits.map(({ name, quota, windowS, remaining, resetS, unit, partitionKey }) => {
      const key = partitionKey === undefined ? null : Buffer.from(partitionKey);
      return { name, quota: quota ?? null, window_s: windowS ?? null, remaining: remaining ?? null, reset_s: resetS ?? null, unit: unit ?? null, partition_key: key };
    });
    return { offer: { wait_us: told.waitUs, limits } };
  },
  async "lockout.begin"(gate, step) {
    const attempt = await gate.lockout.begin(...accountOf(step));
    return { offer: { n: attempt.n, last: attempt.last }, handle: attempt };
  },
  "lockout.unlock": async (gate, step) => (await gate.lockout.unlock(...accountOf(step)), nothing),
  async "lockout.status"(gate, step) {
    const { fails, threshold, lockedUntilMs, level, nowMs } = await gate.lockout.status(...accountOf(step));
    return { offer: { fails, threshold, locked_until: micros(lockedUntilMs), level, now: micros(nowMs) } };
  },
  "attempt.settle": async (_, { attempt, success }) => (await attempt.settle(success), nothing),
  "attempt.abandon": async (_, { attempt }) => (await attempt.abandon(), nothing),
  reopen: reopened,
};
