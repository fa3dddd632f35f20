// `gatewright/fastify` in front of real handlers, over real connections.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { test } from "node:test";

import fastify from "fastify";

import { InvalidArgument } from "gatewright";
import { idempotency, operation, problems } from "gatewright/fastify";
import { ManualClock, fromPolicy } from "gatewright/testing";
import { ask, lines, problem, replayed, served } from "./http.mjs";
import { NOW } from "./policy.mjs";

const KEY = { "Idempotency-Key": "order-000017", "Content-Type": "application/json" };
const scope = (request) => ({ tenant: "acme", principal: request.headers["x-user"] ?? "u-42" });

/** Serves an app with the plugin while `use` runs. */
async function running(mount, use, { policy = {}, options = {}, before = () => {} } = {}) {
  const gate = await fromPolicy({ version: 1, store: { default: "memory:" }, idempotency: policy }, { clock: new ManualClock(NOW) });
  const app = fastify();
  before(app);
  await app.register(async (routes) => {
    await routes.register(idempotency, { gate, scope, ...options });
    mount(routes, gate);
  });
  app.post("/beside", async (request) => ({ guarded: operation(request) !== undefined }));
  await app.ready();
  await served(app.server, (port) => use(port, gate));
  await app.close();
  await gate.close();
}

test("a request is handled once, and its answer sent again byte for byte, however it was written", async () => {
  let runs = 0;
  const ways = {
    "/object": async (request, reply) => reply.code(201).header("X-A", "1").header("Set-Cookie", "a=1").send({ run: runs, got: request.body }),
    "/returned": async () => ({ run: runs }),
    "/buffer": async (request, reply) => reply.type("application/octet-stream").send(Buffer.from([0, 255, runs])),
    "/stream": async (request, reply) => reply.type("text/plain").send(Readable.from([Buffer.from("ma"), Buffer.from("de")])),
    "/raw": async (request, reply) => {
      reply.hijack();
      reply.raw.writeHead(202, { "X-A": ["1", "2"] });
      reply.raw.write("ma");
      reply.raw.end("de");
    },
    "/empty": async (request, reply) => reply.code(204).send(),
  };
  await running(
    (routes) => {
      for (const [path, write] of Object.entries(ways)) {
        routes.post(path, (request, reply) => {
          runs += 1;
          assert.equal(operation(request).outcome, "execute");
          assert.equal(request.idempotency, operation(request));
          return write(request, reply);
        });
      }
    },
    async (port) => {
      for (const path of Object.keys(ways)) {
        const before = runs;
        const first = await ask(port, { path, headers: KEY, body: '{"a":1}' });
        const again = await ask(port, { path, headers: KEY, body: '{"a":1}' });
        assert.equal(runs, before + 1, path);
        assert.ok(first.status < 300 && !replayed(first) && replayed(again), path);
        assert.deepEqual([again.status, again.body], [first.status, first.body], path);
        const stored = lines(first).filter(([name]) => name !== "set-cookie");
        assert.deepEqual(lines(again), [...stored, ["idempotent-replayed", "true"], ["idempotency-key", "order-000017"]], path);
        assert.equal(problem(await ask(port, { path, headers: KEY, body: '{"a":2}' })), "idempotency_key_reused", path);
      }
    },
  );
});

test("refusals are problems, with the headers that hooks have set; what Fastify refuses takes no key", async () => {
  let runs = 0;
  const schema = { body: { type: "object", required: ["item"] } };
  await running(
    (routes) => {
      routes.post("/orders", { schema }, async () => ({ run: (runs += 1) }));
      routes.put("/orders", async (request) => ({ guarded: operation(request) !== undefined }));
      routes.post("/bare", async () => ({ run: (runs += 1) }));
    },
    async (port) => {
      for (const [headers, status, code] of [
        [{}, 400, "idempotency_key_missing"],
        [{ "Idempotency-Key": "short" }, 400, "idempotency_key_invalid"],
        [{ "Idempotency-Key": ["order-000017", "order-000018"] }, 400, "idempotency_key_multiple"],
      ]) {
        const refused = await ask(port, { headers });
        assert.deepEqual([refused.status, problem(refused)], [status, code]);
        assert.deepEqual(lines(refused), [["x-cors", "*"], ["content-type", "application/problem+json"]]);
      }
      const large = await ask(port, { headers: KEY, body: JSON.stringify({ item: "x".repeat(100) }) });
      assert.deepEqual([large.status, problem(large)], [413, "body_too_large"]);
      const streamed = await fetch(`http://127.0.0.1:${port}/orders`, { method: "POST", headers: KEY, body: Readable.from(["x".repeat(60), "x".repeat(60)]), duplex: "half" });
      assert.equal(streamed.status, 413);
      assert.equal((await ask(port, { headers: KEY, body: "{}" })).status, 400);
      assert.equal((await ask(port, { headers: KEY, body: "no json" })).status, 400);
      assert.equal(runs, 0);
      assert.equal((await ask(port, { headers: KEY, body: '{"item":7}' })).status, 200);
      const again = await ask(port, { headers: KEY, body: '{"item":7}' });
      assert.ok(replayed(again));
      assert.deepEqual(again.headers.filter(([name]) => name === "x-cors"), [["x-cors", "*"]]);
      assert.equal((await ask(port, { path: "/bare", headers: { "Idempotency-Key": "order-000017" } })).status, 200);
      assert.ok(replayed(await ask(port, { path: "/bare", headers: { "Idempotency-Key": "order-000017" } })));
      assert.deepEqual(JSON.parse((await ask(port, { method: "PUT", headers: KEY, body: "{}" })).body), { guarded: false });
      assert.deepEqual(JSON.parse((await ask(port, { path: "/beside", headers: KEY, body: "{}" })).body), { guarded: false });
    },
    { options: { maxBody: 100 }, before: (app) => app.addHook("onRequest", async (request, reply) => void reply.header("X-Cors", "*")) },
  );
});

test("a handler that fails, and one whose answer is too large to be stored", async () => {
  let runs = 0;
  await running(
    (routes, gate) => {
      routes.post("/fails", async (request) => {
        runs += 1;
        if (request.query.mark) await operation(request).guard.markEffects();
        throw new Error(`no stock, run ${runs}`);
      });
      routes.setErrorHandler(problems(gate));
      routes.post("/refused", (request) => operation(request).guard.complete("made"));
      routes.post("/large", async (request, reply) => reply.type("text/plain").send(Readable.from([Buffer.alloc(3000, "x"), Buffer.alloc(3000, "y")])));
    },
    async (port) => {
      const twice = async (path) => {
        const headers = { "Idempotency-Key": `order-for-${path}` };
        return [await ask(port, { path, headers }), await ask(port, { path, headers })];
      };
      const [failed, again] = await twice("/fails");
      assert.deepEqual([failed, again].map(({ status, body }) => [status, JSON.parse(body).message]), [[500, "no stock, run 1"], [500, "no stock, run 2"]]);
      const [marked, left] = await twice("/fails?mark=1");
      assert.deepEqual([marked.status, problem(left)], [500, "in_progress"], "it is left to the lease");
      const [given, back] = await twice("/refused");
      assert.deepEqual([given, back].map((answer) => [answer.status, problem(answer)]), [[400, "invalid_argument"], [400, "invalid_argument"]]);
      const [large, gone] = await twice("/large");
      assert.equal(large.body.length, 6000);
      assert.equal(problem(gone), "response_unavailable");
      assert.equal(JSON.parse(gone.body).body_digest, createHash("sha256").update(large.body).digest("hex"));
    },
    { policy: { effects: "explicit", max_stored_body: "4KiB" } },
  );
});

test("wrong options are invalid_argument when the plugin is registered", async () => {
  await assert.rejects(async () => fastify().register(idempotency, { scope }), InvalidArgument);
  const gate = await fromPolicy({ version: 1, store: { default: "memory:" }, idempotency: {} });
  for (const wrong of [{ gate }, { gate, scope: 1 }, { gate, scope, methods: "POST" }, { gate, scope, max_body: 1 }]) {
    await assert.rejects(async () => fastify().register(idempotency, wrong), InvalidArgument, JSON.stringify(Object.keys(wrong)));
  }
  await gate.close();
});
