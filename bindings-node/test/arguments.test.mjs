// A wrong argument is InvalidArgument with a message that says what to give: never a TypeError, never an error of napi.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import vm from "node:vm";

import { Gate, InvalidArgument } from "gatewright";
import * as testing from "gatewright/testing";
import { ENVIRONMENT, NOW, policy } from "./policy.mjs";

/** @type {Gate} */
let gate;
before(async () => {
  gate = await testing.fromPolicy(policy(), { clock: new testing.ManualClock(NOW), environment: ENVIRONMENT });
});
after(() => gate.close());

const WRONG = [undefined, null, true, 7, NaN, 7n, Symbol("s"), {}, [], () => 1, new Date(0), new Map()];
const NO_TEXT = [...WRONG, Buffer.from("x")];
const NO_BYTES = [...WRONG, "text", new ArrayBuffer(4), new DataView(new ArrayBuffer(4)), new Uint16Array(2)];
const NO_OBJECT = [null, true, 7, 7n, "text", [], Symbol("s"), () => 1];
const body = Buffer.from("{}");

async function refused(call, about) {
  try {
    await call();
  } catch (error) {
    assert.ok(error instanceof InvalidArgument, `${about}: ${error?.stack ?? error}`);
    assert.equal(error.code, "invalid_argument");
    assert.equal(error.status, 400);
    return error;
  }
  assert.fail(`${about} was accepted`);
}

const show = (value) => (typeof value === "symbol" ? "a symbol" : `${typeof value} ${Object.prototype.toString.call(value)}`);

test("texts", async () => {
  for (const wrong of [...NO_TEXT, "a\ud800b"]) {
    const calls = {
      "issue.subject": () => gate.tokens.issue({ subject: wrong, client: "web" }),
      "issue.client": () => gate.tokens.issue({ subject: "u", client: wrong }),
      "issue.roles[0]": () => gate.tokens.issue({ subject: "u", client: "web", roles: [wrong] }),
      "issue.device.id": () => gate.tokens.issue({ subject: "u", client: "web", device: { id: wrong } }),
      "sessions.revoke": () => gate.sessions.revoke("t", wrong, "x"),
      "sessions.revokeOthers": () => gate.sessions.revokeOthers("t", "u", { keep: wrong }),
      "sessions.revokeAll": () => gate.sessions.revokeAll(wrong, "u"),
      "epochs.bumpSubject": () => gate.epochs.bumpSubject("t", wrong, { reason: "r" }),
      "epochs.bumpTenant": () => gate.epochs.bumpTenant("t", { reason: wrong }),
      "webhooks.sign": () => gate.webhooks.sign(wrong, body),
      "webhooks.check": () => gate.webhooks.check(wrong, [], body),
      open: () => Gate.open(wrong),
    };
    for (const [name, call] of Object.entries(calls)) await refused(call, `${name} given ${show(wrong)}`);
  }
});

test("tokens", async () => {
  for (const wrong of NO_TEXT) {
    await refused(() => gate.tokens.verify(wrong), `verify given ${show(wrong)}`);
    await refused(() => gate.tokens.verifyFresh(wrong), "verifyFresh");
    await refused(() => gate.tokens.refresh(wrong), "refresh");
    await refused(() => gate.tokens.refreshAccessOnly(wrong), "refreshAccessOnly");
    await refused(() => gate.tokens.confirm(wrong), "confirm");
    await refused(() => gate.tokens.revoke(wrong), "revoke");
  }
});

test("bodies, with the advice for Express", async () => {
  for (const wrong of NO_BYTES) {
    for (const call of [
      () => gate.webhooks.sign("hooks", wrong),
      () => gate.webhooks.check("hooks", [], wrong),
      () => gate.webhooks.verify("hooks", [], wrong),
      () => gate.webhooks.run("hooks", [], wrong, () => 1),
    ]) {
      assert.match((await refused(call, show(wrong))).message, /express\.raw\(/);
    }
  }
});

test("the retry key, by type and by length", async () => {
  for (const wrong of NO_BYTES.filter((value) => value !== undefined && value !== null)) {
    await refused(() => gate.tokens.refresh("x", { retryKey: wrong }), show(wrong));
  }
  for (const length of [0, 15, 17]) await refused(() => gate.tokens.refresh("x", { retryKey: new Uint8Array(length) }), `${length} bytes`);
});

test("options: no object, or a member that does not exist", async () => {
  for (const wrong of NO_OBJECT) {
    await refused(() => gate.tokens.issue(wrong), `issue given ${show(wrong)}`);
    await refused(() => gate.tokens.refresh("x", wrong), "refresh");
    await refused(() => gate.tokens.verify("x", wrong), "verify");
    await refused(() => gate.tokens.issue({ subject: "u", client: "web", context: wrong === null ? 1 : wrong }), "context");
    await refused(() => gate.webhooks.check("hooks", [], body, wrong), "check");
    await refused(() => gate.webhooks.sign("hooks", body, wrong), "sign");
    await refused(() => gate.epochs.bumpAll(wrong), "bumpAll");
  }
  await refused(() => gate.tokens.issue(), "issue given nothing");
  await refused(() => gate.epochs.bumpAll(), "bumpAll given nothing");
  await refused(() => gate.tokens.refresh("x", { retrykey: new Uint8Array(16) }), "a misspelt member");
  await refused(() => gate.tokens.issue({ subject: "u", client: "web", context: { request_id: "r" } }), "a misspelt context");
  await refused(() => gate.webhooks.check("hooks", [], body, { request: { method: "POST" } }), "half a request");
});

test("instants", async () => {
  for (const wrong of ["2026-11-21", NaN, Infinity, -Infinity, 1e300, new Date(NaN), {}, 7n]) {
    await refused(() => gate.tokens.issue({ subject: "u", client: "web", authTime: wrong }), show(wrong));
    await refused(async () => new testing.ManualClock(wrong), show(wrong));
  }
});

test("claims that JSON cannot say", async () => {
  const cycle = {};
  cycle.self = cycle;
  const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`);
  for (const wrong of [cycle, deep, { a: NaN }, { a: Infinity }, { a: () => 1 }, { a: [undefined] }, { a: Symbol("s") }, new Map([[1, 2]]), [], "{}", 1]) {
    await refused(() => gate.tokens.issue({ subject: "u", client: "web", claims: wrong }), show(wrong));
  }
});

test("headers", async () => {
  const wrongs = [
    undefined, null, 7, "a: b", Buffer.from("x"), ["odd"], ["a", "b", "c"], ["a", {}], [["a"]], [["a", "b", "c"]], [[1, "b"]], [["a", null]],
    { a: null }, { a: {} }, { a: [null] }, { a: [["b"]] }, { a: 7n }, new Set(["a"]), new Map([[1, "b"]]), [["a", "b"], "c", "d"],
  ];
  for (const wrong of wrongs) {
    await refused(() => gate.webhooks.check("hooks", wrong, body), show(wrong));
    await refused(() => gate.webhooks.verify("hooks", wrong, body), show(wrong));
  }
});

test("policies, listeners, handlers, hosts", async () => {
  for (const wrong of [undefined, null, 7, true, [], 7n, Symbol("s")]) await refused(() => Gate.fromPolicy(wrong), show(wrong));
  await refused(() => Gate.fromPolicy({ version: NaN }), "a NaN in a policy");
  await refused(() => Gate.open(new URL("https://a.example/p.toml")), "an https URL");
  for (const wrong of NO_OBJECT.filter((value) => typeof value !== "function")) {
    await refused(async () => gate.onEvent(wrong), show(wrong));
    await refused(() => gate.webhooks.run("hooks", [], body, wrong), show(wrong));
    if (wrong !== undefined) await refused(() => testing.fromPolicy(policy(), wrong), show(wrong));
    await refused(() => testing.refreshView(wrong), show(wrong));
  }
  await refused(() => testing.fromPolicy(policy(), { clock: {} }), "a clock");
  await refused(() => testing.fromPolicy(policy(), { environment: { A: 1 } }), "an environment");
  await refused(() => testing.fromPolicy(policy(), { seed: "x" }), "a seed");
  await refused(async () => new Gate(), "the constructor");
});

test("bytes from another realm and from shared memory are bytes", () => {
  const signed = gate.webhooks.sign("hooks", Buffer.from("{}"));
  const foreign = vm.runInNewContext("new Uint8Array([123, 125])");
  assert.equal(gate.webhooks.check("hooks", signed, foreign).keyId, "a");
  const shared = new Uint8Array(new SharedArrayBuffer(2));
  shared.set([123, 125]);
  assert.equal(gate.webhooks.check("hooks", signed, shared).keyId, "a");
  const empty = gate.webhooks.sign("hooks", new Uint8Array(0));
  assert.equal(gate.webhooks.check("hooks", empty, Buffer.alloc(0)).keyId, "a");
});
