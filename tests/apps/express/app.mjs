// The Express app of tests/apps: routes with the middleware, by hand and bare, for the suite in tests/http.
import { openSync } from "node:fs";
import { createServer } from "node:http";
import { parseArgs } from "node:util";

import express from "express";

import { Gate } from "gatewright";
import { idempotency, problems, rateLimit, rawBody } from "gatewright/express";
import { planOf, run, send } from "./plan.mjs";

const MAX_BODY = 65_536;
const text = { type: "string" };
const { values: options } = parseArgs({ options: { policy: text, port: text, journal: text } });
const gate = await Gate.open(options.policy);
const journal = openSync(options.journal, "a");

const caller = (request) => ({ tenant: request.headers["x-tenant"] ?? "", principal: request.headers["x-user"] ?? "" });
const keyLines = ({ rawHeaders }) => rawHeaders.filter((_, at) => at % 2 === 1 && rawHeaders[at - 1].toLowerCase() === "idempotency-key");

/** What the plan says, with the guard that the middleware has left, if it is there. */
async function act(request, response) {
  const plan = planOf(request);
  const { length } = await rawBody(request, Number.MAX_SAFE_INTEGER);
  await send(response, await run(plan, journal, request.idempotency, length), plan);
}

/** The same without the middleware: what an app does that calls the gate itself. */
async function byHand(request, response) {
  const plan = planOf(request);
  const body = await rawBody(request, MAX_BODY);
  const [path, ...query] = request.originalUrl.split("?");
  const asked = {
    key: keyLines(request).map((line) => Buffer.from(line, "latin1")),
    scope: { ...caller(request), method: request.method, path },
    body,
    contentType: request.headers["content-type"],
    query: query.length === 0 ? undefined : query.join("?"),
  };
  const answer = await gate.idempotency.run(asked, (guard, checkpoint) => run(plan, journal, { guard, checkpoint }, body.length));
  await send(response, answer);
}

/** What a request is charged: one unit of the policy that its path names, or as many as it says. */
const charge = ({ originalUrl, headers }) => ({ policy: originalUrl.split(/[/?]/)[2], subject: headers["x-tenant"] ?? "", cost: Number(headers["x-cost"] ?? 1) });

/** A limit without the middleware: the app asks the gate, and tells what is left. */
async function counted(request, response) {
  const plan = planOf(request);
  const { policy, subject, cost } = charge(request);
  const decision = await gate.limits.check(policy, subject, cost);
  if (!decision.allowed) return send(response, gate.limits.problem(decision));
  const { length } = await rawBody(request, Number.MAX_SAFE_INTEGER);
  const answer = await run(plan, journal, undefined, length);
  await send(response, { ...answer, headers: [...answer.headers, ...gate.limits.headers(decision)] }, plan);
}

const app = express();
app.disable("x-powered-by");
app.get("/health", async (request, response) => {
  await gate.health();
  response.status(204).end();
});
app.use("/op", idempotency(gate, { scope: caller, maxBody: MAX_BODY }), act);
app.use("/open", idempotency(gate, { scope: caller, maxBody: MAX_BODY, required: false }), act);
app.use("/hand", byHand);
app.use("/bare", act);
app.use("/limited", rateLimit({ gate, rule: charge }), act);
app.use("/counted", counted);
app.use(problems(gate));

const server = createServer(app);
server.listen(Number(options.port), "127.0.0.1", () => process.stdout.write(`listening on 127.0.0.1:${server.address().port}\n`));
process.once("SIGTERM", async () => {
  server.close();
  server.closeAllConnections();
  await gate.close();
});
