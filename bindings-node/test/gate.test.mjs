import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { Closed, ConfigError, Gate } from "gatewright";
import { ManualClock, fromPolicy, open, reopen } from "gatewright/testing";
import { ENVIRONMENT, NOW, policy } from "./policy.mjs";

const login = { tenant: "acme", subject: "u-42", client: "web" };
const host = () => ({ clock: new ManualClock(NOW), environment: ENVIRONMENT });

test("closing: twice is once, and every later call is `closed`", async () => {
  const gate = await fromPolicy(policy(), host());
  const pair = await gate.tokens.issue(login);
  const body = Buffer.from("{}");
  const signed = gate.webhooks.sign("hooks", body);
  await gate.close();
  await gate.close();
  await gate[Symbol.asyncDispose]();
  assert.throws(() => gate.tokens.verify(pair.accessToken), (error) => error instanceof Closed && error.status === 500);
  assert.throws(() => gate.webhooks.check("hooks", signed, body), Closed);
  assert.throws(() => gate.webhooks.sign("hooks", body), Closed);
  for (const call of [
    () => gate.tokens.issue(login),
    () => gate.tokens.refresh(pair.refreshToken),
    () => gate.webhooks.verify("hooks", signed, body),
    () => gate.epochs.bumpAll({ reason: "r" }),
    () => gate.sessions.revokeAll("acme", "u-42"),
    () => gate.sweep(),
    () => gate.health(),
  ]) {
    await assert.rejects(call(), Closed);
  }
});

test("a policy file and an SQLite file that two gates share", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-"));
  const path = join(folder, "policy.json");
  writeFileSync(path, JSON.stringify(policy("sqlite:sessions.db")));
  const one = await open(path, { environment: ENVIRONMENT });
  const two = await open(pathToFileURL(path), { environment: new Map(Object.entries(ENVIRONMENT)) });
  await one.health();
  const pair = await one.tokens.issue(login);
  assert.equal(two.tokens.verify(pair.accessToken).subject, "u-42");
  const next = await two.tokens.refresh(pair.refreshToken);
  const [a, b] = await Promise.all([one.tokens.refresh(next.refreshToken), two.tokens.refresh(next.refreshToken)]);
  assert.equal(a.refreshToken, b.refreshToken, "two that race get one successor");
  assert.equal(typeof (await one.sweep()), "number");
  await one.close();
  await two.close();
});

test("problems of a policy name file, line, field and mend; of an object, no line", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-"));
  const path = join(folder, "policy.toml");
  writeFileSync(path, 'version = 1\n\n[store]\ndefault = "redis-like:"\nunknown = 1\n');
  await assert.rejects(Gate.open(path), (error) => {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, "config_invalid");
    const [first] = error.problems;
    assert.deepEqual([first.file, first.line, first.field], [path, 4, "store.default"]);
    assert.ok(error.problems.every((problem) => problem.mend.length > 0));
    return true;
  });
  await assert.rejects(Gate.fromPolicy({ version: 1, store: { default: "redis-like:" } }), (error) => {
    const [first] = error.problems;
    assert.deepEqual([first.file, first.line, first.field], [undefined, undefined, "store.default"]);
    assert.doesNotMatch(error.message, /line \d/);
    return true;
  });
  await assert.rejects(Gate.open(join(folder, "absent.toml")), ConfigError);
});

test("a policy that is text: TOML and JSON", async () => {
  await (await Gate.fromPolicy("version = 1\n")).close();
  await (await Gate.fromPolicy('{"version": 1}')).close();
  await (await Gate.fromPolicy(new Map([["version", 1]]))).close();
});

test("without a store the calls that need one are config_invalid", async () => {
  const { store: _, ...without } = policy();
  const gate = await fromPolicy(without, host());
  await assert.rejects(gate.tokens.issue(login), ConfigError);
  await assert.rejects(gate.health(), ConfigError);
  await gate.close();
});

test("events arrive with kind, time, outcome and context; a listener that throws becomes a warning", async () => {
  const gate = await fromPolicy(policy(), host());
  const events = [];
  const warned = new Promise((resolve) => process.once("warning", resolve));
  gate.onEvent((event) => events.push(event));
  gate.onEvent(() => {
    throw new Error("the listener failed");
  });
  const pair = await gate.tokens.issue({ ...login, context: { requestId: "r-7" } });
  assert.match((await warned).message, /the listener failed/);
  const issued = events.find((event) => event.outcome === "issued");
  assert.deepEqual([issued.at, issued.tenant, issued.subject, issued.context.requestId], [new Date(NOW), "acme", "u-42", "r-7"]);
  const told = JSON.stringify(events);
  assert.ok(!told.includes(pair.accessToken) && !told.includes(pair.refreshToken));
  await gate.close();
});

test("the same seed, clock and calls give the same tokens", async () => {
  const pairs = [];
  for (let round = 0; round < 2; round += 1) {
    const gate = await fromPolicy(policy(), { ...host(), seed: Buffer.from("seed") });
    pairs.push({ ...(await gate.tokens.issue(login)) });
    await gate.close();
  }
  assert.deepEqual(pairs[0], pairs[1]);
});

test("reopen keeps the store", async () => {
  const gate = await fromPolicy(policy(), host());
  const pair = await gate.tokens.issue(login);
  const changed = policy();
  changed.tokens.access_ttl = "5m";
  const successor = await reopen(gate, changed);
  assert.deepEqual([(await successor.tokens.refresh(pair.refreshToken)).expiresIn], [300]);
  await successor.close();
  await gate.close();
});

test("a panic of the native half is an error, not the end of the process", async () => {
  const native = createRequire(import.meta.url)("../native.cjs");
  assert.throws(() => native.testingPanic(), /panic/);
  await assert.rejects(native.testingPanicLater());
  // And the process still works:
  const gate = await fromPolicy(policy(), host());
  assert.equal((await gate.tokens.issue(login)).outcome, "issued");
  await gate.close();
});
