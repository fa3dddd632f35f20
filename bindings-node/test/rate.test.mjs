// `rateLimit` of `gatewright/express` and `gatewright/fastify` in front of real handlers, over real connections: one behaviour.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { describe, test } from "node:test";

import express from "express";
import fastify from "fastify";

import { InvalidArgument } from "gatewright";
import { idempotency, rateLimit } from "gatewright/express";
import { decisionOf, idempotency as idempotencyPlugin, rateLimit as plugin } from "gatewright/fastify";
import { ManualClock, fromPolicy } from "gatewright/testing";
import { ask, lines } from "./http.mjs";
import { NOW } from "./policy.mjs";

const POLICY = {
  version: 1,
  store: { default: "memory:" },
  idempotency: {},
  http: { rate_limit_headers: ["legacy"] },
  limits: { policies: [{ id: "tenant", tiers: [{ id: "minute", limit: 3, period: "1m" }], refundable: true }] },
};

const ruleOf = ({ headers }) => headers["x-tenant"] && { policy: headers["x-policy"] ?? "tenant", subject: headers["x-tenant"], cost: Number(headers["x-cost"] ?? 1) };

/** How an app of each framework is served; `handle` gets the decision and the gate, and what it gives is sent. */
const FRAMEWORKS = {
  async express(gate, handle, { rule = ruleOf, context, keyed = false }) {
    const app = express();
    app.disable("x-powered-by").disable("etag");
    app.use(rateLimit({ gate, rule, context }));
    if (keyed) app.use(idempotency(gate, { scope: () => ({ tenant: "acme" }) }));
    app.use(async (request, response) => response.send(await handle(request.rateLimit, gate)));
    app.use((error, request, response, next) => (response.headersSent ? next(error) : response.status(500).send(error.message)));
    return { server: createServer(app), close: () => {} };
  },
  async fastify(gate, handle, { rule = ruleOf, context, keyed = false }) {
    const app = fastify();
    app.setErrorHandler((error, request, reply) => reply.code(500).send(error.message));
    await app.register(async (routes) => {
      await routes.register(plugin, { gate, rule, ...(context && { context }) });
      if (keyed) await routes.register(idempotencyPlugin, { gate, scope: () => ({ tenant: "acme" }) });
      routes.all("/*", async (request, reply) => {
        assert.equal(decisionOf(request) ?? null, request.rateLimit);
        return reply.type("text/html; charset=utf-8").send(await handle(decisionOf(request), gate));
      });
    });
    await app.ready();
    return { server: app.server, close: () => app.close() };
  },
};

async function running(framework, use, { handle = async () => "handled", ...options } = {}) {
  const clock = new ManualClock(NOW);
  const gate = await fromPolicy(POLICY, { clock });
  const { server, close } = await FRAMEWORKS[framework](gate, handle, options);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use((headers = {}, body = "") => ask(server.address().port, { headers, body }), clock, gate);
  } finally {
    server.closeAllConnections();
    server.close();
    await close();
    await gate.close();
  }
}

const told = (answer) => lines(answer).filter(([name]) => name.startsWith("x-ratelimit") || name === "retry-after");
const from = (tenant, more) => ({ "X-Tenant": tenant, ...more });

for (const framework of Object.keys(FRAMEWORKS)) {
  describe(framework, () => {
    test("what is allowed reaches its handler with its decision, and its answer says what is left", () =>
      running(
        framework,
        async (send) => {
          const answer = await send(from("acme", { "X-Cost": "2" }));
          assert.deepEqual([answer.status, answer.body.toString()], [200, "2 of tenant"]);
          assert.deepEqual(told(answer), [
            ["x-ratelimit-limit", "3"],
            ["x-ratelimit-remaining", "1"],
            ["x-ratelimit-reset", String(NOW / 1000 + 40)],
          ]);
        },
        { handle: async (decision) => `${decision.cost} of ${decision.binding.policy}` },
      ));

    test("a refusal is the core's, with its problem, and reaches nobody", () => {
      let runs = 0;
      return running(
        framework,
        async (send, clock, gate) => {
          for (let n = 0; n < 3; n += 1) assert.equal((await send(from("acme"))).status, 200);
          const refused = await send(from("acme"), "x".repeat(100_000));
          const { status, headers, body } = gate.limits.problem(gate.limits.checkLocal("tenant", "acme"));
          assert.deepEqual([refused.status, refused.body], [status, Buffer.from(body)]);
          assert.equal(refused.status, 429);
          for (const [name, value] of headers) assert.deepEqual(refused.headers.find(([line]) => line === name.toLowerCase())?.[1], value, name);
          assert.deepEqual(told(refused).at(-1), ["retry-after", "20"]);
          assert.equal(runs, 3);
          assert.equal((await send(from("other"))).status, 200);
          clock.set(NOW + 20_000);
          assert.equal((await send(from("acme"))).status, 200);
        },
        { handle: async () => `run ${(runs += 1)}` },
      );
    });

    test("what has no rule passes unmeasured", () =>
      running(
        framework,
        async (send) => {
          for (let n = 0; n < 5; n += 1) {
            const answer = await send();
            assert.deepEqual([answer.status, answer.body.toString(), told(answer)], [200, "undefined", []]);
          }
        },
        { handle: async (decision) => String(decision) },
      ));

    test("what cannot be measured is answered as its error says", () =>
      running(framework, async (send) => {
        for (const [headers, status, code] of [
          [from("acme", { "X-Cost": "4" }), 400, "cost_impossible"],
          [from("acme", { "X-Cost": "-1" }), 400, "invalid_argument"],
          [from("acme", { "X-Policy": "unknown" }), 400, "invalid_argument"],
          [from("a".repeat(400)), 400, "subject_invalid"],
        ]) {
          const answer = await send(headers);
          assert.deepEqual([answer.status, JSON.parse(answer.body).code, told(answer)], [status, code, []]);
        }
      }));

    test("a rule may take its time, and what it throws is the app's to answer", () =>
      running(
        framework,
        async (send) => {
          assert.equal((await send(from("acme"))).status, 200);
          const answer = await send();
          assert.deepEqual([answer.status, answer.body.toString()], [500, "nobody"]);
        },
        {
          rule: async (request) => {
            await new Promise(setImmediate);
            if (request.headers["x-tenant"] === undefined) throw new Error("nobody");
            return ruleOf(request);
          },
        },
      ));

    test("a handler may give back what its request took", () =>
      running(
        framework,
        async (send, _, gate) => {
          for (let n = 0; n < 5; n += 1) assert.equal((await send(from("acme"))).status, 200);
          assert.equal(gate.limits.checkLocal("tenant", "acme", 0).tiers[0].used, 0);
        },
        { handle: async (decision, gate) => String((await gate.limits.refund(decision.permit)).allowed) },
      ));

    test("a refusal takes no idempotency key, and a replay is told what is left now", () =>
      running(
        framework,
        async (send) => {
          const key = { "Idempotency-Key": "order-000017", "Content-Type": "application/json" };
          const first = await send(from("acme", key), "{}");
          const again = await send(from("acme", key), "{}");
          assert.deepEqual([first.status, again.status, again.body], [200, 200, first.body]);
          assert.ok(again.headers.some(([name]) => name === "idempotent-replayed"));
          assert.deepEqual([first, again].map((answer) => told(answer)[1]), [["x-ratelimit-remaining", "2"], ["x-ratelimit-remaining", "1"]]);
          await send(from("acme", key), "{}");
          const other = { ...key, "Idempotency-Key": "order-000018" };
          assert.equal((await send(from("acme", other), "{}")).status, 429);
          const allowed = await send(from("other", other), "{}");
          assert.equal(allowed.status, 200);
          assert.ok(!allowed.headers.some(([name]) => name === "idempotent-replayed"));
        },
        { keyed: true },
      ));
  });
}

test("wrong options are refused at once", async () => {
  const gate = await fromPolicy(POLICY);
  const rule = () => undefined;
  for (const wrong of [undefined, {}, { gate }, { rule }, { gate: {}, rule }, { gate, rule: "tenant" }, { gate, rule, context: 1 }, { gate, rule, polcy: "x" }]) {
    assert.throws(() => rateLimit(wrong), InvalidArgument);
    await assert.rejects(async () => plugin(fastify(), wrong), InvalidArgument);
  }
  await gate.close();
});
