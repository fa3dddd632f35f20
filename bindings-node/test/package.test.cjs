// The CommonJS side, from a CommonJS file.
"use strict";

const assert = require("node:assert/strict");
const { test } = require("node:test");

const { Gate, GatewrightError, InvalidArgument } = require("gatewright");
const { ManualClock, fromPolicy } = require("gatewright/testing");

test("a gate opens, signs and verifies in CommonJS", async () => {
  const { ENVIRONMENT, NOW, policy } = await import("./policy.mjs");
  const gate = await fromPolicy(policy(), { clock: new ManualClock(NOW), environment: ENVIRONMENT });
  assert.ok(gate instanceof Gate);
  const body = Buffer.from("{}");
  const headers = gate.webhooks.sign("hooks", body);
  assert.equal(gate.webhooks.check("hooks", headers, body).keyId, "a");
  await gate.close();
});

test("errors are instances across both module systems", async () => {
  await assert.rejects(Gate.fromPolicy(1), InvalidArgument);
  const { GatewrightError: imported } = await import("gatewright");
  assert.equal(imported, GatewrightError);
});
