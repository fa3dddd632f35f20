import assert from "node:assert/strict";
import { test } from "node:test";

import { ConfigError, InvalidArgument, Locked } from "gatewright";
import { ManualClock, fromPolicy } from "gatewright/testing";
import { NOW } from "./policy.mjs";

const POLICY = { version: 1, store: { default: "memory:" }, lockout: { policies: [{ id: "login", subject: "email", threshold: 3 }] } };

async function within(use, policy = POLICY) {
  const clock = new ManualClock(NOW);
  const gate = await fromPolicy(policy, { clock });
  try {
    await use(gate.lockout, clock, gate);
  } finally {
    await gate.close();
  }
}

test("an account is locked after the threshold, whoever asks, until it is unlocked", () =>
  within(async (lockout, clock, gate) => {
    for (const n of [1, 2, 3]) {
      const attempt = await lockout.begin("login", "Ada@example.com");
      assert.deepEqual([attempt.n, attempt.last], [n, n === 3]);
      await attempt.settle(false);
    }
    clock.set(NOW + 1000.5);
    const refused = await lockout.begin("login", "ada@EXAMPLE.com").catch((error) => error);
    assert.ok(refused instanceof Locked);
    assert.deepEqual([refused.code, refused.status, refused.retryAfterMs, refused.name], ["locked", 423, 3_600_000 - 1000.5, "Locked"]);
    assert.equal(gate.problem(refused).status, 423);
    const status = await lockout.status("login", "ada@example.com");
    assert.deepEqual(status, {
      fails: 3,
      threshold: 3,
      lockedUntil: new Date(NOW + 3_600_000),
      lockedUntilMs: NOW + 3_600_000,
      level: 1,
      now: new Date(NOW + 1000),
      nowMs: NOW + 1000.5,
    });
    await lockout.unlock("login", "ada@example.com", { context: { requestId: "r-1" } });
    const { fails, lockedUntil, lockedUntilMs, level } = await lockout.status("login", "ada@example.com");
    assert.deepEqual([fails, lockedUntil, lockedUntilMs, level], [0, undefined, undefined, 0]);
  }));

test("a success forgives, an abandoned attempt was none", () =>
  within(async (lockout) => {
    await (await lockout.begin("login", "ada@example.com")).settle(false);
    const abandoned = await lockout.begin("login", "ada@example.com");
    await abandoned.abandon();
    await abandoned.abandon();
    assert.equal((await lockout.status("login", "ada@example.com")).fails, 1);
    await (await lockout.begin("login", "ada@example.com")).settle(true);
    assert.equal((await lockout.status("login", "ada@example.com")).fails, 0);
  }));

test("leaving a block abandons an attempt that was not settled, and no other", () =>
  within(async (lockout) => {
    const unsettled = await lockout.begin("login", "ada@example.com");
    await unsettled[Symbol.asyncDispose]();
    assert.equal((await lockout.status("login", "ada@example.com")).fails, 0);
    const settled = await lockout.begin("login", "ada@example.com");
    await settled.settle(false);
    await settled[Symbol.asyncDispose]();
    assert.equal((await lockout.status("login", "ada@example.com")).fails, 1);
  }));

test("of many attempts at once no more than the threshold are let through", () =>
  within(async (lockout) => {
    const begun = await Promise.allSettled(Array.from({ length: 50 }, () => lockout.begin("login", "ada@example.com")));
    assert.equal(begun.filter(({ status }) => status === "fulfilled").length, 3);
    for (const { reason } of begun.filter(({ status }) => status === "rejected")) assert.equal(reason.code, "locked");
    await Promise.all(begun.map(({ value }) => value?.settle(false)));
  }));

test("a known device is counted by itself", () =>
  within(async (lockout) => {
    for (let n = 0; n < 3; n += 1) await (await lockout.begin("login", "ada@example.com")).settle(false);
    const attempt = await lockout.begin("login", "ada@example.com", { device: "cookie-1" });
    assert.equal(attempt.n, 1);
    await attempt.settle(false);
    assert.equal((await lockout.status("login", "ada@example.com", { device: "cookie-1" })).fails, 1);
    await lockout.unlock("login", "ada@example.com", { device: "cookie-1" });
    assert.equal((await lockout.status("login", "ada@example.com", { device: "cookie-1" })).fails, 0);
    await assert.rejects(lockout.begin("login", "ada@example.com"), Locked);
  }));

test("wrong arguments are refused", () =>
  within(async (lockout) => {
    for (const call of ["begin", "unlock", "status"]) {
      for (const given of [[1, "a"], ["login"], ["login", "\udc00"], ["unknown", "a"], ["login", "a", { device: 1 }], ["login", "a", { divice: "x" }], ["login", "a", "x"]]) {
        await assert.rejects(lockout[call](...given), InvalidArgument, `${call} ${JSON.stringify(given)}`);
      }
      await assert.rejects(lockout[call]("login", "  "), { code: "subject_invalid", status: 400 });
    }
    const attempt = await lockout.begin("login", "ada@example.com");
    for (const wrong of [undefined, null, 1, "true"]) await assert.rejects(attempt.settle(wrong), InvalidArgument);
    await attempt.settle(true);
  }));

test("without a lockout the call says so, and a closed gate that it is closed", async () => {
  await within((lockout) => assert.rejects(lockout.begin("login", "a"), ConfigError), { version: 1 });
  const gate = await fromPolicy(POLICY);
  const attempt = await gate.lockout.begin("login", "a@b");
  await gate.close();
  await assert.rejects(attempt.settle(true), { code: "closed" });
  await assert.rejects(gate.lockout.status("login", "a@b"), { code: "closed" });
});
