// `gatewright/express` in front of real handlers, over real connections.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { Readable, pipeline } from "node:stream";
import { test } from "node:test";

import express from "express";

import { InvalidArgument } from "gatewright";
import { idempotency, keepRawBody, problems } from "gatewright/express";
import { ManualClock, fromPolicy } from "gatewright/testing";
import { ask, lines, problem, replayed, served } from "./http.mjs";
import { NOW } from "./policy.mjs";

const KEY = { "Idempotency-Key": "order-000017", "Content-Type": "application/json" };
const scope = (request) => ({ tenant: "acme", principal: request.headers["x-user"] ?? "u-42" });

/** An app whose routes are `mount`ed behind the middleware, and the gate under it. */
async function app(mount, { policy = {}, options = {}, before = () => {}, caught = true } = {}) {
  const clock = new ManualClock(NOW);
  const gate = await fromPolicy({ version: 1, store: { default: "memory:" }, idempotency: policy }, { clock });
  const routes = express();
  routes.disable("x-powered-by").disable("etag");
  before(routes, gate);
  routes.use(idempotency(gate, { scope, ...options }));
  mount(routes, gate, clock);
  if (caught) routes.use(problems(gate));
  // Express tells of the errors that it answers: here they are wanted.
  routes.use((error, request, response, next) => (response.headersSent ? next(error) : response.status(error.status ?? 500).send(error.message)));
  return { server: createServer(routes), gate, clock };
}

/** Serves the app while `use` runs. */
async function running(mount, use, more) {
  const { server, gate, clock } = await app(mount, more);
  await served(server, (port) => use(port, gate, clock));
  await gate.close();
}

test("a request is handled once, and its answer sent again byte for byte, however it was written", async () => {
  let runs = 0;
  const ways = {
    "/json": (response) => response.status(201).set("X-A", "1").append("X-A", "2").json({ run: runs }),
    "/send": (response) => response.send(Buffer.from([0, 255, runs])),
    "/head": (response) => response.writeHead(202, "Fine", ["X-A", "1", "X-B", "2", "x-a", "\xe9"]).end("made"),
    "/object": (response) => response.setHeader("X-A", "0").writeHead(202, { "x-a": ["1", "2"], "X-N": 3 }).end(),
    "/pieces": async (response) => {
      response.write("ma");
      await new Promise((resolve) => response.write(Buffer.from("d"), resolve));
      response.write(new Uint8Array([101]));
      response.end("65", "hex", () => response.emit("told"));
      await once(response, "told");
    },
    "/pipe": (response) => Readable.from([Buffer.from("ma"), Buffer.from("de")]).pipe(response.status(203)),
    "/flush": (response) => {
      response.flushHeaders();
      assert.equal(response.headersSent, true);
      response.end("flushed");
      assert.equal(response.writableEnded, true);
      assert.equal(response.end(), response);
    },
    "/empty": (response) => response.sendStatus(204),
    "/redirect": (response) => response.redirect("/elsewhere"),
  };
  await running(
    (routes) => {
      for (const [path, write] of Object.entries(ways)) {
        routes.post(path, async (request, response) => {
          runs += 1;
          assert.deepEqual([request.idempotency.outcome, request.idempotency.guard.attempt], ["execute", 1]);
          await write(response);
        });
      }
    },
    async (port) => {
      for (const path of Object.keys(ways)) {
        const before = runs;
        const first = await ask(port, { path, headers: KEY, body: "{}" });
        const again = await ask(port, { path, headers: KEY, body: "{}" });
        assert.equal(runs, before + 1, path);
        assert.ok(!replayed(first) && replayed(again), path);
        assert.deepEqual([again.status, again.body], [first.status, first.body], path);
        assert.deepEqual(lines(again), [...lines(first), ["idempotent-replayed", "true"], ["idempotency-key", "order-000017"]], path);
        const lengths = [first, again].map(({ headers }) => headers.find(([name]) => name === "content-length")?.[1]);
        assert.deepEqual(lengths, path === "/empty" ? [undefined, undefined] : [String(first.body.length), String(first.body.length)], path);
      }
      const { status, reason, headers, body } = await ask(port, { path: "/head", headers: { ...KEY, "Idempotency-Key": "order-000018" } });
      assert.deepEqual([status, reason, String(body)], [202, "Fine", "made"]);
      assert.deepEqual(lines({ headers }), [["x-a", "1"], ["x-b", "2"], ["x-a", "\xe9"]]);
    },
  );
});

test("the body: read here and found by parsers behind, kept by express.raw() or by a parser's verify; parsed without its bytes, an error", async () => {
  const seen = [];
  const handler = (request, response) => {
    seen.push(Buffer.isBuffer(request.body) ? "raw" : request.body, String(request.rawBody ?? request.body));
    response.sendStatus(204);
  };
  const clock = new ManualClock(NOW);
  const gate = await fromPolicy({ version: 1, store: { default: "memory:" }, idempotency: {} }, { clock });
  const routes = express();
  const middleware = idempotency(gate, { scope });
  const errors = [];
  routes.post("/behind", middleware, express.json(), handler);
  routes.post("/raw", express.raw({ type: "*/*" }), middleware, handler);
  routes.post("/kept", express.json({ verify: keepRawBody }), middleware, handler);
  routes.post("/twice", middleware, middleware, handler);
  routes.post("/lost", express.json(), middleware, handler);
  routes.use((error, request, response, _next) => (errors.push(error), response.sendStatus(500)));
  const body = JSON.stringify({ text: "é".repeat(50_000) });
  await served(createServer(routes), async (port) => {
    for (const path of ["/behind", "/raw", "/kept"]) {
      const headers = { ...KEY, "Idempotency-Key": `order${path}` };
      assert.equal((await ask(port, { path, headers, body })).status, 204, path);
      assert.ok(replayed(await ask(port, { path, headers, body })), path);
      assert.equal(problem(await ask(port, { path, headers, body: "{}" })), "idempotency_key_reused", path);
    }
    assert.deepEqual(seen, [JSON.parse(body), body, "raw", body, JSON.parse(body), body]);
    assert.equal((await ask(port, { path: "/lost", headers: KEY, body })).status, 500);
    assert.ok(errors[0] instanceof InvalidArgument);
    assert.match(errors[0].message, /express\.raw\(\)|keepRawBody/);
    assert.equal((await ask(port, { path: "/behind", headers: { ...KEY, "Idempotency-Key": "order-empty" } })).status, 204);
    assert.equal((await ask(port, { path: "/lost", headers: { ...KEY, "Idempotency-Key": "order-empty" } })).status, 204, "without a body there is nothing to lose");
  });
  await gate.close();
});

test("keys and limits: what is refused, what passes, and that the client hears it as a problem", async () => {
  let runs = 0;
  const answered = (routes) => routes.use((request, response) => response.json({ run: (runs += 1), guarded: request.idempotency !== undefined }));
  await running(
    answered,
    async (port) => {
      const codes = [
        [{}, "idempotency_key_missing"],
        [{ "Idempotency-Key": "" }, "idempotency_key_invalid"],
        [{ "Idempotency-Key": "short" }, "idempotency_key_invalid"],
        [{ "Idempotency-Key": "order-\xe9-000017" }, "idempotency_key_invalid"],
        [{ "Idempotency-Key": ["order-000017", "order-000018"] }, "idempotency_key_multiple"],
      ];
      for (const [headers, code] of codes) {
        const refused = await ask(port, { headers });
        assert.deepEqual([refused.status, problem(refused)], [400, code]);
        assert.deepEqual(lines(refused), [["content-type", "application/problem+json"]]);
      }
      for (const body of ["x".repeat(101), Readable.from(["x".repeat(60), "x".repeat(60)])]) {
        const sent = typeof body === "string" ? ask(port, { headers: KEY, body }) : fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers: KEY, body, duplex: "half" });
        assert.equal((await sent).status, 413);
      }
      assert.equal(runs, 0);
      assert.equal((await ask(port, { headers: KEY, body: "x".repeat(100) })).status, 200);
      for (const method of ["GET", "PUT", "DELETE"]) assert.equal(JSON.parse((await ask(port, { method, headers: KEY })).body).guarded, false);
      assert.ok(replayed(await ask(port, { headers: { ...KEY, "Idempotency-Key": '"order-000017"' }, body: "x".repeat(100) })));
      for (const path of ["/other", "/orders?a=1"]) assert.ok(!replayed(await ask(port, { path, headers: KEY, body: "x".repeat(100) })), path);
      assert.ok(!replayed(await ask(port, { headers: { ...KEY, "X-User": "u-43" }, body: "x".repeat(100) })));
      const empty = await ask(port, { headers: { ...KEY, "X-User": "" } });
      assert.deepEqual([empty.status, problem(empty)], [500, "internal"]);
    },
    { options: { maxBody: 100, scope: (request) => ({ principal: request.headers["x-user"] ?? "u-42" }) } },
  );
  runs = 0;
  await running(
    answered,
    async (port) => {
      assert.deepEqual(JSON.parse((await ask(port, {})).body), { run: 1, guarded: false });
      assert.deepEqual(JSON.parse((await ask(port, { method: "PUT", headers: KEY })).body), { run: 2, guarded: true });
      assert.ok(replayed(await ask(port, { method: "PUT", headers: KEY })));
      assert.deepEqual(JSON.parse((await ask(port, { method: "PATCH", headers: KEY })).body), { run: 3, guarded: false });
    },
    { options: { methods: ["POST", "PUT"], required: false } },
  );
});

test("one at a time; a worker that lost its lease sends the winner's answer", async () => {
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  let attempt = 0;
  await running(
    (routes) =>
      routes.post("/orders", async (request, response) => {
        attempt += 1;
        if (request.idempotency.outcome === "execute") {
          await request.idempotency.guard.checkpoint("paid", Buffer.from("42"));
          await held;
          return response.status(500).send("late");
        }
        const { name, data } = request.idempotency.checkpoint;
        response.status(201).send(`${name} ${Buffer.from(data)}`);
      }),
    async (port, gate, clock) => {
      const slow = ask(port, { headers: KEY });
      while (attempt === 0) await new Promise(setImmediate);
      const busy = await ask(port, { headers: KEY });
      assert.deepEqual([busy.status, problem(busy)], [409, "in_progress"]);
      assert.equal(busy.headers.find(([name]) => name === "retry-after")[1], "30");
      clock.set(NOW + 3_600_000);
      const second = await ask(port, { headers: KEY });
      assert.deepEqual([second.status, String(second.body), replayed(second)], [201, "paid 42", false]);
      letGo();
      const first = await slow;
      assert.deepEqual([first.status, String(first.body), replayed(first)], [201, "paid 42", true]);
    },
    { policy: { effects: "explicit" } },
  );
});

test("a body beyond what is stored is handed out as it comes; a retry hears status and digest", async () => {
  const piece = "x".repeat(3000);
  let more;
  const waiting = new Promise((resolve) => (more = resolve));
  let runs = 0;
  await running(
    (routes) => {
      routes.post("/stream", async (request, response) => {
        runs += 1;
        response.writeHead(206, { "X-A": "1" });
        for (let at = 0; at < 3; at += 1) response.write(piece);
        await waiting;
        response.end("end");
      });
      routes.post("/whole", (request, response) => response.status(206).end(piece.repeat(3)));
    },
    async (port) => {
      const response = await fetch(`http://127.0.0.1:${port}/stream`, { method: "POST", headers: KEY });
      assert.deepEqual([response.status, response.headers.get("x-a")], [206, "1"], "the head is there before the handler has ended");
      more();
      assert.equal(await response.text(), `${piece.repeat(3)}end`);
      for (const [path, body] of [["/stream", `${piece.repeat(3)}end`], ["/whole", piece.repeat(3)]]) {
        if (path === "/whole") assert.equal((await ask(port, { path, headers: KEY })).body.length, 9000);
        const again = await ask(port, { path, headers: KEY });
        assert.deepEqual([again.status, problem(again)], [409, "response_unavailable"], path);
        const { response_status: status, body_digest: digest } = JSON.parse(again.body);
        assert.deepEqual([status, digest], [206, createHash("sha256").update(body).digest("hex")], path);
      }
      assert.equal(runs, 1);
    },
    { policy: { max_stored_body: "4KiB" } },
  );
});

test("a handler that fails gives the operation back by the rules of a guard that is left; without `problems`, its error's answer counts", async () => {
  let runs = 0;
  const mount = (routes) =>
    routes.post("/orders", async (request, response) => {
      runs += 1;
      const { mark, write, release, status } = request.query;
      if (mark) await request.idempotency.guard.markEffects();
      if (release) await request.idempotency.guard.release();
      if (status) return response.sendStatus(Number(status));
      if (write) response.status(201).write("x".repeat(Number(write)));
      throw new Error(`no stock, run ${runs}`);
    });
  const twice = async (port, path) => {
    const headers = { ...KEY, "Idempotency-Key": `order-for-${path}` };
    const first = await ask(port, { path, headers }).catch(({ code }) => code);
    return [first, await ask(port, { path, headers }).catch(({ code }) => code)];
  };
  const policy = { effects: "explicit", max_stored_body: "4KiB" };
  await running(
    mount,
    async (port) => {
      for (const path of ["/orders", "/orders?write=100"]) {
        const [failed, again] = await twice(port, path);
        assert.deepEqual([failed.status, again.status, replayed(again)], [500, 500, false], path);
        assert.deepEqual([failed, again].map(({ body }) => String(body).replace(/\d+/, "N")), ["no stock, run N", "no stock, run N"], path);
        assert.notDeepEqual(again.body, failed.body, path);
      }
      runs = 0;
      assert.deepEqual(await twice(port, "/orders?write=5000"), ["ECONNRESET", "ECONNRESET"], "what is on its way is broken off");
      assert.equal(runs, 2);
      const [marked, left] = await twice(port, "/orders?mark=1");
      assert.deepEqual([marked.status, problem(left)], [500, "in_progress"], "it is left to the lease");
      const [denied, allowed] = await twice(port, "/orders?status=429");
      assert.ok(!replayed(denied) && !replayed(allowed));
      const [given, taken] = await twice(port, "/orders?release=1&status=201");
      assert.deepEqual([given.status, taken.status, replayed(taken)], [201, 201, false], "what the handler gave back runs again");
    },
    { policy },
  );

  const { server, gate } = await app(mount, { policy, caught: false });
  await served(server, async (port) => {
    const [failed, again] = await twice(port, "/orders");
    assert.notDeepEqual(again.body, failed.body);
    const [marked, stored] = await twice(port, "/orders?mark=1");
    assert.deepEqual([marked.status, replayed(stored), stored.body], [500, true, marked.body], "after a mark every answer is stored");
  });
  await gate.close();
});

test("a client that goes away: before the answer, it is stored for the next try; in the middle of it, the operation is given back", async () => {
  let runs = 0;
  const told = new EventEmitter();
  const waits = () => (process.nextTick(() => told.emit("started")), once(told, "go"));
  await running(
    (routes) => {
      routes.post("/before", async (request, response) => {
        runs += 1;
        await waits();
        response.status(201).send(`run ${runs}`);
      });
      routes.post("/middle", async (request, response) => {
        runs += 1;
        if (runs > 1) return response.send(`run ${runs}`);
        response.write("begun");
        await waits();
      });
      routes.post("/torn", (request, response) => {
        runs += 1;
        if (runs > 1) return response.send(`run ${runs}`);
        pipeline(new Readable({ read() { this.destroy(new Error("the source failed")); } }), response, () => {});
      });
    },
    async (port) => {
      /** Sends a request, and goes away once its handler has started and the server has seen that. */
      const leave = async (path) => {
        const started = once(told, "started");
        const socket = connect(port, "127.0.0.1").on("error", () => {});
        socket.write(`POST ${path} HTTP/1.1\r\nHost: a\r\nIdempotency-Key: order-000017\r\nContent-Type: application/json\r\nContent-Length: 0\r\n\r\n`);
        await started;
        const gone = once(told, "gone");
        socket.destroy();
        await gone;
      };
      await leave("/before");
      assert.equal(problem(await ask(port, { path: "/before", headers: KEY })), "in_progress", "its handler is still at work");
      told.emit("go");
      let answer = await ask(port, { path: "/before", headers: KEY });
      while (answer.status === 409) answer = await ask(port, { path: "/before", headers: KEY });
      assert.deepEqual([answer.status, String(answer.body), replayed(answer), runs], [201, "run 1", true, 1]);
      runs = 0;
      await leave("/middle");
      answer = await ask(port, { path: "/middle", headers: KEY });
      assert.deepEqual([String(answer.body), replayed(answer)], ["run 2", false]);
      runs = 0;
      await assert.rejects(ask(port, { path: "/torn", headers: KEY }));
      answer = await ask(port, { path: "/torn", headers: KEY });
      assert.deepEqual([String(answer.body), replayed(answer)], ["run 2", false]);
    },
    {
      before: (routes) =>
        routes.use((request, response, next) => {
          response.once("close", () => setImmediate(() => told.emit("gone")));
          next();
        }),
    },
  );
});

test("headers set before are of this exchange: sent each time as they are then, and not stored", async () => {
  let requests = 0;
  await running(
    (routes) => routes.post("/orders", (request, response) => response.set("X-Own", "1").status(201).send("made")),
    async (port) => {
      const [first, again, busy] = [await ask(port, { headers: KEY }), await ask(port, { headers: KEY }), await ask(port, { headers: KEY, body: "x" })];
      const number = ({ headers }) => headers.filter(([name]) => name === "x-number").map(([, value]) => value);
      assert.deepEqual([first, again, busy].map(number), [["1"], ["2"], ["3"]]);
      assert.deepEqual([again.headers.find(([name]) => name === "x-own")?.[1], replayed(again), problem(busy)], ["1", true, "idempotency_key_reused"]);
    },
    { before: (routes) => routes.use((request, response, next) => (response.set("X-Number", String((requests += 1))), next())) },
  );
});

test("errors of the library in handlers are problems; errors of the app go to its own handlers", async () => {
  await running(
    (routes, gate) => {
      routes.get("/refused", () => gate.idempotency.nextAction("x"));
      routes.get("/failed", () => {
        throw new Error("mine");
      });
    },
    async (port) => {
      const refused = await ask(port, { method: "GET", path: "/refused" });
      assert.deepEqual([refused.status, problem(refused)], [400, "invalid_argument"]);
      assert.equal(String((await ask(port, { method: "GET", path: "/failed" })).body), "mine");
    },
  );
  await running(
    (routes) => routes.post("/orders", (request, response) => response.end()),
    async (port) => assert.equal(String((await ask(port, { headers: KEY })).body), "who is it?"),
    { options: { scope: () => Promise.reject(new Error("who is it?")) } },
  );
});

test("wrong options are invalid_argument when the app is built", async () => {
  const { gate } = await app(() => {});
  for (const wrong of [
    [{}, { scope }],
    [gate],
    [gate, {}],
    [gate, { scope: "acme" }],
    [gate, { scope, methods: "POST" }],
    [gate, { scope, maxBody: -1 }],
    [gate, { scope, required: "yes" }],
    [gate, { scope, context: {} }],
    [gate, { scope, max_body: 1 }],
  ]) {
    assert.throws(() => idempotency(...wrong), InvalidArgument);
  }
  assert.throws(() => problems({}), InvalidArgument);
  await gate.close();
});
