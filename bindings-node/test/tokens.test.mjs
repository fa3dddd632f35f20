import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";

import { GatewrightError, RefreshError, ReuseDetected, SessionError, TokenError, TokenExpired } from "gatewright";
import { ManualClock, fromPolicy, refreshView } from "gatewright/testing";
import { ENVIRONMENT, NOW, policy } from "./policy.mjs";

async function setUp() {
  const clock = new ManualClock(NOW);
  const gate = await fromPolicy(policy(), { clock, seed: new Uint8Array([1]), environment: ENVIRONMENT });
  /** Sets the clock; a view that is older than the policy allows is believed no longer, so it is refreshed. */
  const advance = async (now) => {
    clock.set(now);
    await refreshView(gate);
  };
  return { advance, gate };
}

const login = { tenant: "acme", subject: "u-42", client: "web" };

test("a session: issue, verify, refresh, retry", async () => {
  const { gate, advance } = await setUp();
  const first = await gate.tokens.issue({
    ...login,
    roles: ["operator", "reader"],
    scope: "read write",
    device: { id: "d-1", appVersion: "3.2" },
    claims: { plan: "gold", nested: { list: [1, "two", null] } },
    authTime: new Date(NOW - 60_000),
    amr: ["pwd"],
    context: { requestId: "r-1", ip: "192.0.2.7" },
  });
  assert.deepEqual([first.tokenType, first.outcome, first.expiresIn, first.serverTimeMs], ["bearer", "issued", 900, NOW]);

  const claims = gate.tokens.verify(first.accessToken);
  assert.deepEqual(
    [claims.issuer, claims.subject, claims.audience, claims.clientId, claims.tenant, claims.roles, claims.scope],
    ["https://auth.example", "u-42", ["api"], "web", "acme", ["operator", "reader"], "read write"],
  );
  assert.deepEqual([claims.sessionId, claims.gen, claims.tokenVersion?.length], [first.sessionId, 0, 3]);
  assert.deepEqual([claims.issuedAt, claims.expiresAt, claims.authTime], [new Date(NOW), new Date(NOW + 900_000), new Date(NOW - 60_000)]);
  assert.deepEqual([claims.issuedAtMs, claims.notBefore, claims.confirmation], [NOW, undefined, undefined]);
  assert.deepEqual(claims.amr, ["pwd"]);
  assert.deepEqual(claims.extra, { plan: "gold", nested: { list: [1, "two", null] } });
  assert.equal(JSON.parse(claims.payload).sub, "u-42");
  assert.equal(typeof claims.viewAgeMs, "number");

  await advance(NOW + 600_000);
  const retryKey = new Uint8Array(16).fill(7);
  const second = await gate.tokens.refresh(first.refreshToken, { retryKey, client: "web", tenant: "acme", deviceId: "d-1" });
  assert.equal(second.outcome, "rotated");
  const again = await gate.tokens.refresh(first.refreshToken, { retryKey });
  assert.deepEqual([again.outcome, again.refreshToken], ["retry_concurrent", second.refreshToken]);
  await gate.close();
});

test("claims are frozen to their depth, and print and serialise as data", async () => {
  const { gate } = await setUp();
  const claims = gate.tokens.verify((await gate.tokens.issue({ ...login, claims: { a: { b: [1] } } })).accessToken);
  assert.throws(() => Object.assign(claims, { subject: "other" }), TypeError);
  assert.throws(() => claims.roles.push("admin"), TypeError);
  assert.throws(() => claims.extra.a.b.push(2), TypeError);
  const copy = JSON.parse(JSON.stringify(claims));
  assert.deepEqual([copy.subject, copy.expiresAt, copy.extra], ["u-42", new Date(NOW + 900_000).toISOString(), { a: { b: [1] } }]);
  assert.match(inspect(claims), /subject: 'u-42'/);
  await gate.close();
});

test("claims take BigInt, Date and Map; numbers come to the nearest double, as RFC 8785 has it", async () => {
  const { gate } = await setUp();
  const pair = await gate.tokens.issue({ ...login, claims: { big: 9007199254740993n, one: 1n, when: new Date(NOW), map: new Map([["a", 1]]) } });
  const claims = gate.tokens.verify(pair.accessToken);
  assert.deepEqual([claims.extra.big, claims.extra.one], [9007199254740992, 1]);
  assert.deepEqual([claims.extra.when, claims.extra.map], [new Date(NOW).toISOString(), { a: 1 }]);
  await gate.close();
});

test("a pair does not print its tokens", async () => {
  const { gate } = await setUp();
  const pair = await gate.tokens.issue(login);
  const printed = inspect(pair);
  assert.ok(printed.includes(pair.sessionId));
  assert.ok(!printed.includes(pair.accessToken) && !printed.includes(pair.refreshToken));
  await gate.close();
});

test("refusals carry code, status, public code and advice, thrown and rejected", async () => {
  const { gate, advance } = await setUp();
  const first = await gate.tokens.issue(login);
  await advance(NOW + 900_000 + 31_000);
  assert.throws(
    () => gate.tokens.verify(first.accessToken),
    (error) => {
      assert.ok(error instanceof TokenExpired && error instanceof TokenError && error instanceof GatewrightError && error instanceof Error);
      assert.deepEqual(
        [error.name, error.code, error.status, error.publicCode, error.retryable, error.advice, error.problems],
        ["TokenExpired", "jwt_expired", 401, "token_expired", false, "refresh", []],
      );
      return true;
    },
  );
  assert.throws(() => gate.tokens.verify("a.b.c"), { name: "TokenError", publicCode: "token_invalid" });
  assert.throws(() => gate.tokens.verify(`${first.accessToken}\ud800`), { name: "TokenError" });
  await assert.rejects(gate.tokens.refresh("garbage"), { name: "RefreshError", code: "malformed", publicCode: "invalid_grant", clearCookies: true });

  await gate.tokens.refresh(first.refreshToken);
  await advance(NOW + 2_000_000);
  await assert.rejects(gate.tokens.refresh(first.refreshToken), (error) => {
    assert.ok(error instanceof ReuseDetected && error instanceof RefreshError);
    assert.deepEqual([error.code, error.status, error.clearCookies, error.advice], ["reuse", 401, true, "log_in"]);
    assert.match(error.stack, /tokens\.test\.mjs/, "the stack names the caller");
    return true;
  });
  await assert.rejects(gate.tokens.refresh(first.refreshToken), { code: "revoked", reason: "reuse" });
  await gate.close();
});

test("log-out, sessions and epochs", async () => {
  const { gate } = await setUp();
  const [one, two, three] = [await gate.tokens.issue(login), await gate.tokens.issue(login), await gate.tokens.issue(login)];
  await gate.tokens.revoke(one.refreshToken, { context: { requestId: "r" } });
  await assert.rejects(gate.tokens.refresh(one.refreshToken), { code: "revoked", reason: "logged_out" });
  assert.equal(await gate.sessions.revokeOthers("acme", "u-42", { keep: two.sessionId }), 1);
  await assert.rejects(gate.tokens.refresh(three.refreshToken), { code: "revoked", reason: "admin" });
  await gate.sessions.revoke("acme", "u-42", two.sessionId);
  await assert.rejects(gate.sessions.revoke("acme", "u-42", "AAAAAAAAAAAAAAAAAAAAAA"), (error) => error instanceof SessionError);
  const four = await gate.tokens.issue(login);
  const version = await gate.epochs.bumpSubject("acme", "u-42", { reason: "stolen laptop" });
  assert.ok(Number.isSafeInteger(version) && version > 0);
  await refreshView(gate);
  assert.throws(() => gate.tokens.verify(four.accessToken), { code: "jwt_revoked" });
  await assert.rejects(gate.tokens.verifyFresh(four.accessToken), { code: "jwt_revoked" });
  assert.ok((await gate.epochs.bumpTenant("acme", { reason: "breach" })) > 0);
  assert.ok((await gate.epochs.bumpAll({ reason: "breach" })) > 0);
  assert.equal(typeof (await gate.sessions.revokeAll("acme", "u-42")), "number");
  await gate.close();
});

test("confirm, verifyFresh, refreshAccessOnly", async () => {
  const { gate } = await setUp();
  const pair = await gate.tokens.issue({ ...login, client: "backend" });
  assert.equal(await gate.tokens.confirm(pair.accessToken), undefined);
  assert.equal((await gate.tokens.verifyFresh(pair.accessToken)).subject, "u-42");
  const access = await gate.tokens.refreshAccessOnly(pair.refreshToken);
  assert.deepEqual([access.outcome, access.refreshToken], ["access_only", undefined]);
  await gate.close();
});

test("DPoP is refused, not ignored", async () => {
  const { gate } = await setUp();
  const pair = await gate.tokens.issue(login);
  const dpop = { proof: "x", method: "GET", url: "https://a.example/" };
  const refused = { code: "invalid_argument" };
  assert.throws(() => gate.tokens.verify(pair.accessToken, { dpop }), refused);
  await assert.rejects(gate.tokens.verifyFresh(pair.accessToken, { dpop }), refused);
  await assert.rejects(gate.tokens.refresh(pair.refreshToken, { dpop }), refused);
  await assert.rejects(gate.tokens.issue({ ...login, dpopJkt: "x" }), refused);
  await gate.close();
});
