// One effect and one answer, however often a request is sent: the calls of `gate.idempotency`, and webhooks that begin operations.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import {
  Closed,
  ConfigError,
  IdempotencyError,
  InProgress,
  InvalidArgument,
  KeyReused,
  OutcomeUnknown,
  ResponseUnavailable,
  Stale,
  errorCodes,
} from "gatewright";
import { ManualClock, fromPolicy } from "gatewright/testing";
import { ENVIRONMENT, NOW, policy } from "./policy.mjs";

const scope = { tenant: "acme", principal: "u-42", method: "POST", path: "/orders" };
const body = Buffer.from('{"item":7}');
const request = (key = "order-000017", more = {}) => ({ key, scope, body, ...more });
const made = { status: 201, headers: [["Content-Type", "text/plain"], ["X-A", "1"], ["x-a", "2"]], body: Buffer.from("made") };

/** A gate with a clock to set; the lease is over after `late`. */
async function opened(settings = {}, store = "memory:") {
  const clock = new ManualClock(NOW);
  const gate = await fromPolicy({ version: 1, store: { default: store }, idempotency: { effects: "explicit", ...settings } }, { clock });
  return { gate, late: () => clock.set(NOW + 3_600_000) };
}

const refused = (Class, code) => (error) => {
  assert.ok(error instanceof Class, `${error}`);
  assert.equal(error.code, code);
  return true;
};

for (const store of ["memory:", "sqlite:"]) {
  test(`run executes once and replays the answer, byte for byte (${store})`, async () => {
    const path = store === "memory:" ? store : `sqlite:${join(mkdtempSync(join(tmpdir(), "gatewright-")), "operations.db")}`;
    const { gate } = await opened({}, path);
    let runs = 0;
    const work = async (guard, checkpoint) => {
      runs += 1;
      assert.equal(checkpoint, undefined);
      assert.equal(guard.attempt, 1);
      assert.ok(Number.isSafeInteger(guard.fence) && guard.fence > 0);
      assert.equal(guard.maxStoredBody, 256 * 1024);
      await guard.markEffects();
      return made;
    };
    const first = await gate.idempotency.run(request(), work);
    assert.deepEqual([first.status, first.headers, Buffer.from(first.body)], [201, made.headers, made.body]);
    const again = await gate.idempotency.run(request(), work);
    assert.equal(runs, 1);
    assert.deepEqual(again.headers, [...made.headers, ["Idempotent-Replayed", "true"], ["Idempotency-Key", "order-000017"]]);
    assert.deepEqual([again.status, Buffer.from(again.body)], [201, made.body]);
    await gate.close();
  });
}

test("begin is a union by outcome: execute, resume with its checkpoint, replay", async () => {
  const { gate, late } = await opened();
  const one = await gate.idempotency.begin(request());
  assert.equal(one.outcome, "execute");
  await one.guard.checkpoint("paid", Buffer.from([0, 255, 7]));
  await one.guard.renew();
  late();
  const two = await gate.idempotency.begin(request());
  assert.equal(two.outcome, "resume");
  assert.deepEqual([two.checkpoint.name, [...two.checkpoint.data]], ["paid", [0, 255, 7]]);
  assert.equal(two.guard.attempt, 2);
  assert.ok(two.guard.fence > one.guard.fence);
  await two.guard.complete(made);
  const three = await gate.idempotency.begin(request());
  assert.equal(three.outcome, "replay");
  assert.equal(three.guard, undefined);
  assert.equal(three.response.status, 201);
  await gate.close();
});

test("run gives the checkpoint of whoever stopped", async () => {
  const { gate, late } = await opened();
  const stopped = await gate.idempotency.begin(request());
  await stopped.guard.checkpoint("paid", Buffer.from("42"));
  late();
  const response = await gate.idempotency.run(request(), (guard, checkpoint) => ({ status: 200, body: checkpoint.data }));
  assert.equal(Buffer.from(response.body).toString(), "42");
  await gate.close();
});

test("a worker that lost its lease hears the winner's answer: from complete as an error, from run as the response", async () => {
  const { gate, late } = await opened();
  const slow = await gate.idempotency.begin(request());
  const answer = gate.idempotency.run(request("order-000018"), async () => {
    late();
    const winner = await gate.idempotency.begin(request("order-000018"));
    await winner.guard.complete({ status: 200, body: Buffer.from("won") });
    return made;
  });
  assert.equal(Buffer.from((await answer).body).toString(), "won");
  const winner = await gate.idempotency.begin(request());
  await assert.rejects(slow.guard.complete(made), (error) => refused(Stale, "stale")(error) && error.response === undefined);
  await winner.guard.complete(made);
  await assert.rejects(slow.guard.renew(), (error) => {
    refused(Stale, "stale")(error);
    assert.deepEqual([error.status, error.response.status, Buffer.from(error.response.body)], [409, 201, made.body]);
    assert.ok(error.response.headers.some(([name, value]) => name === "Idempotent-Replayed" && value === "true"));
    assert.deepEqual(gate.problem(error), error.response);
    return true;
  });
  await gate.close();
});

test("refusals have classes, codes and what to do", async () => {
  const { gate, late } = await opened({ max_stored_body: "4KiB" });
  const { guard } = await gate.idempotency.begin(request());
  await assert.rejects(gate.idempotency.begin(request()), (error) => {
    refused(InProgress, "in_progress")(error);
    assert.ok(!(error instanceof IdempotencyError));
    assert.deepEqual([error.status, error.retryAfterMs, error.advice], [409, 30_000, "yes"]);
    return true;
  });
  await assert.rejects(gate.idempotency.begin(request("order-000017", { body: Buffer.from("{}") })), (error) => {
    refused(KeyReused, "idempotency_key_reused")(error);
    assert.ok(error instanceof IdempotencyError);
    assert.deepEqual([error.status, error.advice], [422, "new_key"]);
    return true;
  });
  await guard.markEffects();
  await assert.rejects(guard.release(), refused(InvalidArgument, "invalid_argument"));
  late();
  await assert.rejects(gate.idempotency.begin(request()), refused(OutcomeUnknown, "outcome_unknown"));

  const large = Buffer.alloc(4097, "x");
  await gate.idempotency.run(request("order-000018"), () => ({ status: 202, body: large }));
  await assert.rejects(gate.idempotency.begin(request("order-000018")), (error) => {
    refused(ResponseUnavailable, "response_unavailable")(error);
    assert.equal(error.responseStatus, 202);
    assert.deepEqual(Buffer.from(error.bodyDigest), createHash("sha256").update(large).digest());
    return true;
  });

  for (const [key, code] of [
    [undefined, "idempotency_key_missing"],
    [[], "idempotency_key_missing"],
    ["short", "idempotency_key_invalid"],
    ["ordér-000017", "idempotency_key_invalid"],
    ["order-\ud800-000017", "idempotency_key_invalid"],
    [Buffer.from("order-\xff-000017", "latin1"), "idempotency_key_invalid"],
    ["order-000017, order-000018", "idempotency_key_invalid"],
    [["order-000017", "order-000017"], "idempotency_key_multiple"],
  ]) {
    await assert.rejects(gate.idempotency.begin({ key, scope, body }), refused(IdempotencyError, code), code);
  }
  await assert.rejects(gate.idempotency.begin(request("order-000019", { scope: { method: "POST", path: "/" } })), refused(IdempotencyError, "scope_empty"));
  await gate.close();
  await assert.rejects(gate.idempotency.begin(request()), Closed);
  assert.throws(() => gate.idempotency.newKey(), Closed);
});

test("one line, a list of one, quotes and bytes are the same key; the fingerprint stands in for the body", async () => {
  const { gate } = await opened();
  await gate.idempotency.run(request(), () => made);
  for (const key of [["order-000017"], '"order-000017"', Buffer.from("order-000017"), [new Uint8Array(Buffer.from('"order-000017"'))]]) {
    assert.equal((await gate.idempotency.begin(request(key))).outcome, "replay");
  }
  const custom = { key: "order-000018", scope, fingerprint: "é" };
  await gate.idempotency.run(custom, () => made);
  assert.equal((await gate.idempotency.begin({ ...custom, fingerprint: Buffer.from("é") })).outcome, "replay");
  await assert.rejects(gate.idempotency.begin({ ...custom, fingerprint: "e" }), KeyReused);
  for (const [name, value] of [
    ["query", "a=1"],
    ["contentType", "text/plain"],
  ]) {
    await assert.rejects(gate.idempotency.begin(request("order-000017", { [name]: value })), KeyReused, name);
  }
  await gate.close();
});

test("what the handler throws is thrown as it is, and the operation is given back before that", async () => {
  const { gate } = await opened();
  const failure = new Error("no stock");
  const run = (handle) => gate.idempotency.run(request(), handle);
  await assert.rejects(run(() => { throw failure; }), (error) => error === failure);
  await assert.rejects(run(() => Promise.reject("a text")), (error) => error === "a text");
  await assert.rejects(run(() => undefined), InvalidArgument);
  await assert.rejects(run(() => ({ status: 700 })), refused(InvalidArgument, "invalid_argument"));
  await assert.rejects(run(async (guard) => { await guard.markEffects(); throw failure; }), (error) => error === failure);
  await assert.rejects(run(() => made), InProgress, "effects are marked: it is left to the lease");
  await gate.close();
});

test("leaving a block without an end gives the operation back, and does nothing to one that has ended", async () => {
  const { gate } = await opened();
  const left = await gate.idempotency.begin(request());
  await left.guard[Symbol.asyncDispose]();
  const next = await gate.idempotency.begin(request());
  assert.equal(next.outcome, "execute");
  await next.guard.complete(made);
  await next.guard[Symbol.asyncDispose]();
  assert.equal((await gate.idempotency.begin(request())).outcome, "replay");
  await gate.close();
});

test("an end as the caller says: stored, released, or sent piece by piece", async () => {
  const { gate } = await opened();
  const begin = (key) => gate.idempotency.begin(request(key));
  await (await begin("order-000001")).guard.complete({ status: 503 }, { finishAs: "store" });
  assert.equal((await begin("order-000001")).response.status, 503);
  await (await begin("order-000002")).guard.complete(made, { finishAs: "release" });
  assert.equal((await begin("order-000002")).outcome, "execute");
  const digest = createHash("sha256").update("streamed").digest();
  assert.equal(await (await begin("order-000003")).guard.completeStreamed(206, digest), true);
  await assert.rejects(begin("order-000003"), (error) => error.responseStatus === 206 && digest.equals(error.bodyDigest));
  const { guard } = await begin("order-000004");
  await assert.rejects(guard.completeStreamed(206, digest.subarray(1)), refused(InvalidArgument, "invalid_argument"));
  await guard.release();
  assert.equal((await begin("order-000004")).outcome, "execute");
  await gate.close();
});

test("header values are bytes as Latin-1 both ways; what is no byte is refused", async () => {
  const { gate } = await opened();
  const every = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
  const headers = [["x-text", every], ["x-bytes", Buffer.from(every, "latin1")], ["x-list", ["1", "2"]], ["x-number", 3]];
  const first = await gate.idempotency.run(request(), () => ({ status: 200, headers }));
  const expected = [["x-text", every], ["x-bytes", every], ["x-list", "1"], ["x-list", "2"], ["x-number", "3"]];
  assert.deepEqual(first.headers, expected);
  assert.deepEqual((await gate.idempotency.begin(request())).response.headers.slice(0, 5), expected);
  for (const given of [new Headers({ "x-a": "1" }), new Map([["x-a", "1"]]), { "x-a": "1" }, ["x-a", "1"], [["x-a", "1"]]]) {
    const { guard } = await gate.idempotency.begin(request(gate.idempotency.newKey()));
    assert.deepEqual((await guard.complete({ status: 200, headers: given })).headers, [["x-a", "1"]]);
  }
  const { guard } = await gate.idempotency.begin(request("order-000018"));
  for (const wrong of [
    { status: 200, headers: { "x-a": "\u0100" } },
    { status: 200, headers: "x-a: 1" },
    { status: 200, body: "text" },
    { status: 200, body: { parsed: true } },
    { status: "200" },
    { status: 199 },
    { status: -1 },
    { status: 200.5 },
    { status: 200, header: {} },
    undefined,
  ]) {
    await assert.rejects(guard.complete(wrong), refused(InvalidArgument, "invalid_argument"), JSON.stringify(wrong));
  }
  await gate.close();
});

test("wrong arguments are invalid_argument, and never reach the store", async () => {
  const { gate } = await opened();
  for (const wrong of [
    undefined,
    { key: "order-000017", body },
    { key: 17, scope, body },
    { key: ["order-000017", 1], scope, body },
    { key: "order-000017", scope: { ...scope, path: undefined }, body },
    { key: "order-000017", scope: { ...scope, user: "u" }, body },
    { key: "order-000017", scope, body: '{"item":7}' },
    { key: "order-000017", scope, body: { item: 7 } },
    { key: "order-000017", scope },
    { key: "order-000017", scope, body, fingerprint: 1 },
    { key: "order-000017", scope, body, content_type: "x" },
    { key: "order-000017", scope: { ...scope, path: "/a?b" }, body },
  ]) {
    await assert.rejects(gate.idempotency.begin(wrong), refused(InvalidArgument, "invalid_argument"), JSON.stringify(wrong));
  }
  await assert.rejects(gate.idempotency.run(request()), InvalidArgument);
  const { guard } = await gate.idempotency.begin(request());
  for (const call of [
    () => guard.checkpoint("", Buffer.from("x")),
    () => guard.checkpoint("paid", "42"),
    () => guard.checkpoint("paid", Buffer.alloc(65_537)),
    () => guard.complete(made, { finishAs: "keep" }),
    () => guard.complete(made, { finish_as: "store" }),
  ]) {
    await assert.rejects(call(), InvalidArgument, String(call));
  }
  for (const call of [() => gate.idempotency.nextAction("409"), () => gate.idempotency.nextAction(70_000), () => gate.idempotency.nextAction(409, 1)]) {
    assert.throws(call, InvalidArgument, String(call));
  }
  await gate.close();
});

test("what is compared and stored is what was given, whatever happens to the buffers meanwhile", async () => {
  const { gate } = await opened();
  const given = Buffer.alloc(200_000, "a");
  const begun = gate.idempotency.begin(request("order-000017", { body: given }));
  given.fill("b");
  const { guard } = await begun;
  const answer = Buffer.alloc(200_000, "c");
  const completed = guard.complete({ status: 200, body: answer });
  answer.fill("d");
  await completed;
  const { response } = await gate.idempotency.begin(request("order-000017", { body: Buffer.alloc(200_000, "a") }));
  assert.ok(Buffer.alloc(200_000, "c").equals(response.body));
  await gate.close();
});

test("the client's side: new keys sort by time, and the next action is the table's", async () => {
  const { gate } = await opened();
  const keys = [gate.idempotency.newKey(), gate.idempotency.newKey()];
  assert.notEqual(keys[0], keys[1]);
  for (const key of keys) assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  for (const row of errorCodes()) assert.equal(gate.idempotency.nextAction(row.status, row.code), row.nextAction, row.code);
  assert.deepEqual([201, 0, 409, 503].map((status) => gate.idempotency.nextAction(status)), ["rotate", "reuse", "wait", "reuse"]);
  await gate.close();
});

test("problems for clients: rendered by the core, and nothing of the inside shown", async () => {
  const { gate } = await opened();
  const begun = await gate.idempotency.begin(request());
  const busy = gate.problem(await gate.idempotency.begin(request()).catch((error) => error));
  assert.deepEqual([busy.status, busy.headers], [409, [["Content-Type", "application/problem+json"], ["Retry-After", "30"]]]);
  const { code, retryable, reuse_key: reuseKey } = JSON.parse(Buffer.from(busy.body));
  assert.deepEqual([code, retryable, reuseKey], ["in_progress", true, true]);
  await begun.guard.completeStreamed(206, createHash("sha256").digest());
  const gone = JSON.parse(Buffer.from(gate.problem(await gate.idempotency.begin(request()).catch((error) => error)).body));
  assert.deepEqual([gone.response_status, gone.body_digest], [206, createHash("sha256").digest("hex")]);
  const inside = gate.problem(new TypeError("secret of the inside"));
  assert.equal(inside.status, 500);
  assert.doesNotMatch(Buffer.from(inside.body).toString(), /secret/);
  await gate.close();
});

test("without [idempotency] or a store the calls are config_invalid", async () => {
  const none = await fromPolicy({ version: 1, store: { default: "memory:" } });
  await assert.rejects(none.idempotency.begin(request()), ConfigError);
  assert.throws(() => none.idempotency.newKey(), ConfigError);
  await none.close();
  const storeless = await fromPolicy({ version: 1, idempotency: {} });
  await assert.rejects(storeless.idempotency.begin(request()), ConfigError);
  await storeless.close();
});

test("a verified webhook begins an operation: handled once, and every later delivery gets its answer", async () => {
  const gate = await fromPolicy({ ...policy(), idempotency: {} }, { clock: new ManualClock(NOW), environment: ENVIRONMENT });
  const message = Buffer.from('{"event":"door"}');
  const signed = gate.webhooks.sign("hooks", message, { id: "msg_1" });
  const begun = await gate.webhooks.begin("hooks", signed, message, { context: { requestId: "r-1" } });
  assert.deepEqual([begun.outcome, begun.checked.id, begun.checked.keyId], ["execute", "msg_1", "a"]);
  await assert.rejects(gate.webhooks.begin("hooks", signed, message), InProgress);
  await begun.guard.complete({ status: 204 });
  const again = await gate.webhooks.begin("hooks", gate.webhooks.sign("hooks", message, { id: "msg_1" }), message);
  assert.deepEqual([again.outcome, again.response.status, again.checked.id], ["replay", 204, "msg_1"]);
  await assert.rejects(gate.webhooks.begin("hooks", signed, Buffer.from("{}")), { code: "signature_mismatch" });
  await gate.close();
});
