// Rate limits in memory. A hot key, one tier; what is asked for is always there, and then never. The peers give promises only, and reset
// their counts by a timer (a fixed window) where ours refills evenly.
import { MemoryStore } from "express-rate-limit";
import { RateLimiterMemory } from "rate-limiter-flexible";

import { Gate } from "gatewright";
import { measure } from "./measure.mjs";

const tier = (limit, period) => ({ tiers: [{ id: "tier", limit, period }] });
const PLENTY = 2 ** 31 - 1;

/** The tables: a title and what was measured, for each. */
export async function limits() {
  const gate = await Gate.fromPolicy({
    version: 1,
    store: { default: "memory:" },
    limits: { policies: [{ id: "plenty", ...tier(PLENTY, "1s") }, { id: "none", ...tier(1, "300d") }, { id: "tenant", preset: "tenant" }] },
  });
  const plenty = new RateLimiterMemory({ points: PLENTY, duration: 60 });
  const none = new RateLimiterMemory({ points: 1, duration: 86_400 });
  const store = new MemoryStore();
  store.init({ windowMs: 60_000 });

  const allowed = await measure([
    { name: "gatewright allowLocal", call: () => gate.limits.allowLocal("plenty", "acme") },
    { name: "gatewright checkLocal, decision not read", call: () => gate.limits.checkLocal("plenty", "acme") },
    { name: "gatewright checkLocal, `allowed` and `remaining` read", call: () => read(gate.limits.checkLocal("plenty", "acme")) },
    { name: "gatewright check (a promise)", call: () => gate.limits.check("plenty", "acme"), later: true },
    { name: "rate-limiter-flexible consume (a promise)", call: () => plenty.consume("acme"), later: true },
    { name: "express-rate-limit MemoryStore increment (a promise)", call: () => store.increment("acme"), later: true },
  ]);
  gate.limits.allowLocal("none", "acme");
  await none.consume("acme");
  const refused = await measure([
    { name: "gatewright allowLocal", call: () => gate.limits.allowLocal("none", "acme") },
    { name: "gatewright checkLocal, decision not read", call: () => gate.limits.checkLocal("none", "acme") },
    { name: "rate-limiter-flexible consume (a promise that is rejected)", call: () => none.consume("acme").catch(() => undefined), later: true },
  ]);
  const tiers = await measure([
    { name: "gatewright allowLocal", call: () => gate.limits.allowLocal("tenant", "acme") },
    { name: "gatewright checkLocal, decision not read", call: () => gate.limits.checkLocal("tenant", "acme") },
  ]);
  store.shutdown();
  await gate.close();
  return [
    ["Rate limit in memory, one tier, allowed", allowed],
    ["Rate limit in memory, one tier, refused", refused],
    ["Rate limit in memory, three tiers (100 a minute, 5000 an hour, 100,000 a day), mostly refused", tiers],
  ];
}

function read({ allowed, tiers }) {
  return allowed && tiers[0].remaining > 0;
}
