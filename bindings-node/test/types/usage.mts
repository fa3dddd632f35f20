// Compiles, or the types are wrong. Never run.
import { type Claims, ConfigError, Gate, GatewrightError, InProgress, ReuseDetected, TokenExpired, type TokenPair, type Verified, errorCodes } from "gatewright";
import { ManualClock, fromPolicy, refreshView, reopen } from "gatewright/testing";

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
// @ts-expect-error the reason is required
gate.epochs.bumpAll({});

export { answer, bumped, codes, duplicate, ended, expires, foreign, fresh, swept, version };
