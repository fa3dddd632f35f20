// Compiles, or the types of the glue are wrong. Never run. The declarations name neither framework.
import express, { type Request } from "express";
import fastify, { type FastifyRequest } from "fastify";

import { Gate } from "gatewright";
import { type Caller, type Operation, type Rule, idempotency, keepRawBody, problems, rateLimit, rawBody } from "gatewright/express";
import { decisionOf, problems as errorHandler, rateLimit as limits, idempotency as plugin, operation } from "gatewright/fastify";

const gate = await Gate.open("gatewright.toml");
const app = express();
app.use(express.json({ verify: keepRawBody }));
app.use(idempotency(gate, { scope: (request) => ({ principal: request.headers["x-user"] as string }) }));
app.post("/orders/:id", idempotency(gate, { scope: async (request: Request): Promise<Caller> => ({ tenant: request.params["id"] as string }) }), async (request, response) => {
  const operation: Operation | undefined = request.idempotency;
  await operation?.guard.markEffects();
  if (operation?.outcome === "resume") console.log(operation.checkpoint?.name);
  const raw: Uint8Array | undefined = request.rawBody;
  response.status(201).json({ bytes: raw?.byteLength });
});
app.use(idempotency(gate, { scope: () => ({ tenant: "acme" }), methods: ["PUT"], required: false, maxBody: 65_536, context: () => ({ ip: "192.0.2.1" }) }));
app.post("/hooks", async (request, response) => {
  await gate.webhooks.begin("hooks", request.rawHeaders, await rawBody(request));
  response.end(await rawBody(request, 4096));
});
app.use(rateLimit({ gate, rule: (request) => ({ policy: "tenant", subject: request.headers["x-user"] as string }) }));
app.use(rateLimit({ gate, rule: async (request: Request): Promise<Rule | undefined> => (request.ip ? { policy: "ip", subject: request.ip, cost: 2 } : undefined) }));
app.get("/", (request, response) => {
  response.json({ left: request.rateLimit?.tiers[0]?.remaining });
});
app.use(problems(gate));

const server = fastify();
await server.register(plugin, { gate, scope: (request: FastifyRequest) => ({ principal: request.ip }), required: false });
await server.register(limits, { gate, rule: (request: FastifyRequest) => ({ policy: "ip", subject: request.ip }) });
server.get("/", async (request) => ({ left: decisionOf(request)?.tiers[0]?.remaining }));
server.setErrorHandler(errorHandler(gate));
server.post("/orders", async (request) => ({ attempt: operation(request)?.guard.attempt }));

// @ts-expect-error a scope is required
idempotency(gate, {});
// @ts-expect-error it has no such member
idempotency(gate, { scope: () => ({ user: "u" }) });
// @ts-expect-error a rule is required
rateLimit({ gate });
// @ts-expect-error it says of whom
rateLimit({ gate, rule: () => ({ policy: "tenant" }) });
