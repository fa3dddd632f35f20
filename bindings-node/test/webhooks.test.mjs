import assert from "node:assert/strict";
import { test } from "node:test";

import { ConfigError, Replayed, WebhookError } from "gatewright";
import { ManualClock, fromPolicy } from "gatewright/testing";
import { ENVIRONMENT, NOW, policy } from "./policy.mjs";

async function setUp() {
  const clock = new ManualClock(NOW);
  const gate = await fromPolicy(policy(), { clock, seed: new Uint8Array([1]), environment: ENVIRONMENT });
  return { clock, gate };
}

const body = Buffer.from('{"event":"parked"}');

test("every form of headers is read alike", async () => {
  const { gate } = await setUp();
  const signed = gate.webhooks.sign("lora", body);
  const upper = signed.map(([name, value]) => [name.toUpperCase(), value]);
  const forms = {
    pairs: signed,
    upper,
    rawHeaders: ["Host", "a.example", ...upper.flat(), "Set-Cookie", "a", "Set-Cookie", "b"],
    object: Object.fromEntries(signed),
    "object with arrays": { ...Object.fromEntries(signed.map(([name, value]) => [name, [value]])), "set-cookie": ["a", "b"], "content-length": 18 },
    Headers: new Headers(signed),
    Map: new Map(signed),
    generator: (function* () {
      yield* signed;
    })(),
    bytes: signed.map(([name, value]) => [name, Buffer.from(value)]),
    "bytes beside text": [...signed, ["x-note", Buffer.from([0xff, 0x0a, 0x00])]],
    "a line feed in a header that no scheme reads": [...signed, ["x-note", `a\nb`]],
  };
  for (const [form, headers] of Object.entries(forms)) {
    const checked = gate.webhooks.check("lora", headers, body);
    assert.equal(checked.keyId, "p", form);
    assert.deepEqual(checked.timestamp, new Date(NOW), form);
    assert.equal(typeof checked.nonce, "string", form);
    assert.equal(checked.id, undefined, form);
  }
  await gate.close();
});

test("a line feed in a value never makes a further header", async () => {
  const { gate } = await setUp();
  const signed = gate.webhooks.sign("lora", body);
  const [[first, value], ...rest] = signed;
  const smuggled = [...rest, ["x-note", `n\n${first}\n${value}`]];
  assert.throws(() => gate.webhooks.check("lora", smuggled, body), { code: "header_missing" });
  assert.throws(() => gate.webhooks.check("lora", [...rest, [`x-note\nn\n${first}`, value]], body), { code: "header_missing" });
  await gate.close();
});

test("refusals are WebhookErrors with code, status and what to do", async () => {
  const { gate, clock } = await setUp();
  const signed = gate.webhooks.sign("lora", body);
  const caught = (headers, bytes) => {
    try {
      gate.webhooks.check("lora", headers, bytes);
    } catch (error) {
      assert.ok(error instanceof WebhookError);
      return error;
    }
    return assert.fail("accepted");
  };
  assert.equal(caught(signed, Buffer.from("{}")).code, "signature_mismatch");
  assert.equal(caught([], body).code, "header_missing");
  assert.equal(caught([...signed, ...signed], body).code, "header_duplicate");
  clock.set(NOW + 301_000);
  const late = caught(signed, body);
  assert.deepEqual([late.code, late.status, late.advice, late.serverTimeMs], ["timestamp_too_old", 401, "re_sign", NOW + 301_000]);
  assert.equal(late.name, "WebhookError");
  assert.throws(() => gate.webhooks.check("nobody", signed, body), (error) => error.code === "invalid_argument" || error instanceof ConfigError);
  await gate.close();
});

test("a message is used once: verify, commit, then replayed", async () => {
  const { gate } = await setUp();
  const signed = gate.webhooks.sign("lora", body);
  const verified = await gate.webhooks.verify("lora", signed, body, { context: { requestId: "r" } });
  assert.equal(verified.keyId, "p");
  assert.equal(verified.duplicate, false);
  await verified.commit();
  await assert.rejects(gate.webhooks.verify("lora", signed, body), (error) => {
    assert.ok(error instanceof Replayed);
    assert.deepEqual([error.code, error.status, error.name], ["replayed", 409, "Replayed"]);
    assert.match(error.stack, /webhooks\.test\.mjs/, "the stack names the caller");
    return true;
  });
  assert.equal(gate.webhooks.check("lora", signed, body).keyId, "p", "check claims nothing");
  await gate.close();
});

test("a released message can be delivered again, by release and by await using", async () => {
  const { gate } = await setUp();
  const signed = gate.webhooks.sign("lora", body);
  await (await gate.webhooks.verify("lora", signed, body)).release();
  const again = await gate.webhooks.verify("lora", signed, body);
  await again[Symbol.asyncDispose]();
  const last = await gate.webhooks.verify("lora", signed, body);
  await last.commit();
  await last[Symbol.asyncDispose]();
  await assert.rejects(gate.webhooks.verify("lora", signed, body), { code: "replayed" });
  await gate.close();
});

test("run commits on success, releases on an error and throws that error", async () => {
  const { gate } = await setUp();
  const signed = gate.webhooks.sign("lora", body);
  const failure = new Error("the database is away");
  await assert.rejects(gate.webhooks.run("lora", signed, body, () => Promise.reject(failure)), (error) => error === failure);
  assert.equal(await gate.webhooks.run("lora", signed, body, (ok) => ok.keyId), "p");
  await assert.rejects(gate.webhooks.run("lora", signed, body, () => assert.fail("ran")), { code: "replayed" });
  await gate.close();
});

test("what is verified is what was given, whatever happens to the buffer meanwhile", async () => {
  const { gate } = await setUp();
  const mutable = Buffer.from(body);
  const pending = gate.webhooks.verify("lora", gate.webhooks.sign("lora", mutable), mutable);
  mutable.fill(0);
  await (await pending).commit();
  await gate.close();
});
