// Compiles, or the types are wrong. Never run.
import {
  type Attempt,
  type Begun,
  type Claims,
  ConfigError,
  type Decision,
  Gate,
  GatewrightError,
  InProgress,
  Locked,
  type LockoutStatus,
  type NextAction,
  type Permit,
  type Response,
  type ServerLimits,
  type Source,
  type TierDecision,
  ResponseUnavailable,
  ReuseDetected,
  Stale,
  TokenExpired,
  type TokenPair,
  type Verified,
  errorCodes,
  kpi,
} from "gatewright";
import { ManualClock, fromPolicy, readDecision, refreshView, reopen } from "gatewright/testing";

const gate: Gate = await Gate.open("gatewright.toml");
await Gate.open(new URL("file:///etc/gatewright.toml"));
await Gate.fromPolicy("version = 1");
await Gate.fromPolicy({ version: 1 });

let pair: TokenPair = await gate.tokens.issue({
  tenant: "acme",
  subject: "u-42",
  client: "web",
  roles: ["operator"],
  device: { id: "d-1" },
  claims: { plan: "gold" },
  authTime: new Date(),
  context: { requestId: "r-1" },
});
const refreshToken: string | undefined = pair.refreshToken;
pair = await gate.tokens.refresh(refreshToken ?? "", { retryKey: new Uint8Array(16), client: undefined });
pair = await gate.tokens.refreshAccessOnly(refreshToken ?? "", { client: "web" });
const claims: Claims = gate.tokens.verify(pair.accessToken);
const version: readonly [number, number, number] | undefined = claims.tokenVersion;
const expires: Date = claims.expiresAt;
const foreign: Claims = gate.tokens.verify(pair.accessToken, { issuer: "farmiq" });
const fresh: Claims = await gate.tokens.verifyFresh(pair.accessToken);
await gate.tokens.confirm(pair.accessToken);
await gate.tokens.revoke(pair.accessToken, { context: { ip: "192.0.2.1" } });
await gate.sessions.revoke("acme", "u-42", pair.sessionId);
const ended: number = await gate.sessions.revokeOthers("acme", "u-42", { keep: pair.sessionId });
await gate.sessions.revokeAll("acme", "u-42");
const bumped: number = await gate.epochs.bumpSubject("acme", "u-42", { reason: "stolen laptop" });
await gate.epochs.bumpTenant("acme", { reason: "breach" });
await gate.epochs.bumpAll({ reason: "breach" });

const body = new Uint8Array([123, 125]);
const headers: [string, string][] = gate.webhooks.sign("hooks", body, { id: "msg_1" });
gate.webhooks.check("hooks", headers, body, { request: { method: "POST", url: "https://a.example/h" } });
gate.webhooks.check("hooks", new Headers(headers), Buffer.from("{}"));
gate.webhooks.check("hooks", new Map(headers), body);
gate.webhooks.check("hooks", ["webhook-id", "1"], body);
gate.webhooks.check("hooks", { "webhook-id": "1", "set-cookie": ["a", "b"], "content-length": 2, absent: undefined }, body);
gate.webhooks.check("hooks", [["webhook-id", new Uint8Array(1)]], body);
const verified: Verified = await gate.webhooks.verify("hooks", headers, body);
const duplicate: boolean = verified.duplicate;
await verified.commit();
await verified.release();
await verified[Symbol.asyncDispose]();
const answer: number = await gate.webhooks.run("hooks", headers, body, async (ok) => (ok.duplicate ? 0 : 1));

const request = { key: "order-000017", scope: { tenant: "acme", principal: "u-42", method: "POST", path: "/orders" }, body };
async function handled(): Promise<Response> {
  const begun: Begun = await gate.idempotency.begin({ ...request, contentType: "text/plain", query: "a=1", route: "/orders", context: { ip: "192.0.2.1" } });
  switch (begun.outcome) {
    case "replay":
      return begun.response;
    case "resume":
      console.log(begun.checkpoint?.name, begun.checkpoint?.data.byteLength);
      break;
    case "execute":
      break;
    default:
      begun satisfies never;
  }
  const { guard } = begun;
  await guard.markEffects();
  await guard.checkpoint("paid", new Uint8Array(1));
  await guard.renew();
  const known: boolean = await guard.completeStreamed(200, new Uint8Array(32), { finishAs: "store" });
  console.log(guard.fence + guard.attempt + guard.maxStoredBody, known);
  await guard.release();
  await guard[Symbol.asyncDispose]();
  return guard.complete({ status: 201, headers: { "x-a": "1" }, body }, { finishAs: "release" });
}
const ran: Response = await gate.idempotency.run({ ...request, key: ["a", body] }, async (guard, checkpoint) => {
  console.log(guard.fence, checkpoint?.name);
  return { status: 201, headers: [["x-a", "1"]] };
});
await gate.idempotency.run({ ...request, key: undefined }, () => ({ status: 204 }));
const first: string | undefined = ran.headers[0]?.[1];
const next: NextAction = gate.idempotency.nextAction(409, "in_progress");
const key: string = gate.idempotency.newKey();
const message = await gate.webhooks.begin("hooks", headers, body);
if (message.outcome !== "replay") await message.guard.complete({ status: 204 });
console.log(message.checked.keyId, gate.problem(new Error("x")).status, next, key, first, await handled());
const decision: Decision = await gate.limits.check("tenant", "acme");
const source: Source = decision.source;
const tier: TierDecision | undefined = decision.tiers[0];
const permit: Permit | undefined = decision.permit;
const waits: number | undefined = decision.waitMs;
console.log(source, tier?.algo === "token_bucket", waits, decision.binding.tier, decision.retryAfterMs, permit?.cost, permit?.isSpent);
await gate.limits.check("tenant", "acme", 2, { context: { requestId: "r-1" } });
await gate.limits.peek("tenant", "acme");
await gate.limits.checkAll([["tenant", "acme"], ["tenant", "other", 2], { policy: "outbound", subject: "x" }]);
const reserved: Decision = await gate.limits.reserve("outbound", "x", 1, { maxWaitMs: 0.5 });
await gate.limits.wait(reserved, { signal: AbortSignal.timeout(1) });
await gate.limits.wait(reserved);
if (permit !== undefined) await gate.limits.refund(permit, 1);
await gate.limits.reset("tenant", "acme");
const local: boolean = gate.limits.checkLocal("tenant", "acme").allowed && gate.limits.allowLocal("tenant", "acme", 3);
const limitLines: [string, string][] = gate.limits.headers(readDecision(gate, { tiers: [] }));
const refusal: Response = gate.limits.problem(decision);
const told: ServerLimits = gate.limits.parseHeaders(new Headers(limitLines));
const remaining: number | undefined = told.limits[0]?.remaining;
{
  await using attempt: Attempt = await gate.lockout.begin("login", "a@example.com", { device: "d", context: { ip: "192.0.2.1" } });
  await attempt.settle(attempt.n === 1 && !attempt.last);
  await attempt.abandon();
}
const status: LockoutStatus = await gate.lockout.status("login", "a@example.com");
const until: Date | undefined = status.lockedUntil;
await gate.lockout.unlock("login", "a@example.com");
console.log(local, refusal.status, told.waitMs, remaining, until, Locked);
const fcr: kpi.Kpi = kpi.fcrLiveWeight({ feedG: 180, liveWeightOutG: 202n });
const shown: number | null = fcr.percent();
const numerator: number | bigint | null = fcr.num;
const gain: boolean = fcr.basis === "gain" || fcr.reason === "no_values" || fcr.warnings.includes("basis_gain");
const { mean, ci95Low }: kpi.Summary = kpi.weightMean({ weights: new Float64Array(3), mask: [true, false, false], flockSize: 100 });
kpi.cv({ weights: [1, null, undefined, 2n], population: true });
kpi.percentileLinear({ values: new BigUint64Array(3), p: 0.95 });
kpi.epef({ survival: 0.95, weightG: 1850, ageDays: 44, fcr });
kpi.epef({ survival: 0.95, weightG: 1850, ageDays: 44, fcr: 1.88, fcrBasis: "live_weight" });
kpi.deviation({ actual: fcr, target: { value: 1.4, unit: "ratio" } });
kpi.headDaysDailyMean({ daily: [[200, 196], { start: 196, end: 206, movedIn: 10 }, null] });
const norms: readonly (number | null)[] = kpi.normMinMax({ values: [1, null], lowerIsBetter: true }).value;
const ranks: readonly kpi.Ranked[] = kpi.rank({ cohort: [{ id: "a", figures: { fcr: 1.5, adg: null } }], weights: { fcr: { weight: 1, lowerIsBetter: true } } });
const moments = new kpi.Moments();
moments.addAll(new Int32Array(3), { mask: new Uint8Array(3) });
moments.merge(kpi.Moments.fromBytes(moments.toBytes()));
const p99: number | null = new kpi.Histogram().snapshot().p99;
console.log(shown, numerator, gain, mean, ci95Low, norms, ranks[0]?.rank, moments.count, p99, kpi.METHODS.length);
gate.onEvent((event) => console.log(event.kind, event.at.toISOString(), event.context.requestId));
const swept: number = await gate.sweep();
await gate.health();
await gate.close();
await gate[Symbol.asyncDispose]();

try {
  gate.tokens.verify("x");
} catch (error) {
  if (error instanceof TokenExpired || error instanceof ReuseDetected || error instanceof InProgress) {
    const delay: number | undefined = error.retryAfterMs;
    console.log(delay);
  }
  if (error instanceof Stale) console.log(error.response?.body.byteLength);
  if (error instanceof ResponseUnavailable) console.log(error.responseStatus satisfies number, error.bodyDigest satisfies Uint8Array);
  if (error instanceof ConfigError) console.log(error.problems[0]?.field);
  if (error instanceof GatewrightError) console.log(error.code, error.status, error.publicCode, error.advice satisfies string);
}
const codes: string[] = errorCodes().map((row) => row.code);

const clock = new ManualClock(0);
clock.set(new Date());
const under: Gate = await fromPolicy({ version: 1 }, { clock, seed: new Uint8Array(1), environment: { A: "b" } });
await refreshView(await reopen(under, "version = 1"));

// @ts-expect-error a gate is opened, never constructed
new Gate();
// @ts-expect-error a text is no body
gate.webhooks.check("hooks", headers, "{}");
// @ts-expect-error a body that has been parsed is none either
gate.webhooks.verify("hooks", headers, { a: 1 });
// @ts-expect-error the subject is required
gate.tokens.issue({ client: "web" });
// @ts-expect-error misspelt
gate.tokens.refresh("x", { retrykey: new Uint8Array(16) });
// @ts-expect-error claims cannot be changed
claims.subject = "someone else";
// @ts-expect-error a text is no answer's body
gate.idempotency.run(request, () => ({ status: 200, body: "made" }));
// @ts-expect-error only a guard of an outcome that has one
(await gate.idempotency.begin(request)).guard;
// @ts-expect-error the method is required
gate.idempotency.begin({ ...request, scope: { tenant: "acme", path: "/" } });
// @ts-expect-error the reason is required
gate.epochs.bumpAll({});

export { answer, bumped, codes, duplicate, ended, expires, foreign, fresh, swept, version };

// @ts-expect-error the unit is in the name
kpi.fcrLiveWeight({ feed: 180, liveWeightOutG: 202 });
// @ts-expect-error an argument is missing
kpi.fcrLiveWeight({ feedG: 180 });
// @ts-expect-error of another kind
new kpi.Moments().merge(new kpi.Histogram());
