/**
 * `gatewright/fastify`: rate limits and idempotency keys for Fastify 4 and 5.
 *
 * It decides nothing by itself: it reads the request, asks the gate, and sends what the gate says.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";

import { kind, options as members } from "./arguments.js";
import type { Decision } from "./decision.js";
import { BodyTooLarge, GatewrightError, invalidArgument } from "./errors.js";
import { Gate } from "./gate.js";
import { capture, fail, send } from "./http/answer.js";
import { Gone, collect } from "./http/body.js";
import { type Line, setLines, without } from "./http/headers.js";
import { type Caller, type IdempotencyOptions, begin, checkKey, keyOf, readMount } from "./http/mount.js";
import { type RateLimitOptions, type Rule, measure, readLimited } from "./http/rate.js";
import type { Execute, Resume } from "./idempotency.js";
import type { Response } from "./response.js";

export type { Caller, RateLimitOptions, Rule };

/** The operation that a handler runs: its guard, and the checkpoint of the worker that it takes over from. */
export type Operation = Execute | Resume;

/** What the plugin needs of a request of Fastify. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage;
  readonly originalUrl: string;
}

/** The options of the plugin: those of `gatewright/express`, and the gate. */
export interface FastifyIdempotencyOptions<Req = FastifyRequestLike> extends IdempotencyOptions<Req> {
  readonly gate: Gate;
}

/** What the error handler needs of a reply of Fastify. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse;
  hijack(): unknown;
  getHeaders(): Record<string, number | string | string[] | undefined>;
}

interface Instance {
  decorateRequest(name: string, value: null): unknown;
  hasRequestDecorator(name: string): boolean;
  addHook(name: "preParsing", hook: (request: FastifyRequestLike, reply: FastifyReplyLike, payload: Readable) => Promise<unknown>): unknown;
  addHook(name: "onError" | "onRequest" | "preHandler", hook: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>): unknown;
}

interface Pending {
  key: readonly string[];
  body: Uint8Array;
}

const OPERATION = "idempotency";
const DECISION = "rateLimit";

/**
 * Gives the routes of the instance that it is registered in idempotency keys: of any number of requests with one key, one is handled at
 * a time, and once it has an answer, the others are sent that. Rules, defaults and options are those of `gatewright/express`.
 *
 * The body is read before Fastify parses it, and the operation begins before the handler, behind validation and behind hooks that
 * were added earlier: add authentication (`onRequest`) first. The handler finds its operation by `operation(request)`. Whatever writes
 * to `reply` or to `reply.raw` is stored before it is sent. If the handler fails, the operation is given back where leaving its guard
 * would do so; where an error handler of the app's own answers, that is the answer, stored or not by its status. A replay and a refusal
 * are sent without the hooks `preSerialization` and `onSend`.
 *
 * ```ts
 * app.register(async (orders) => {
 *   await orders.register(idempotency, { gate, scope: (request) => ({ tenant: "acme", principal: request.user.id }) });
 *   orders.post("/orders", async (request, reply) => {
 *     await operation(request)?.guard.markEffects(); // the next act cannot be taken back
 *     return reply.code(201).send(await order(request.body));
 *   });
 * });
 * ```
 */
export async function idempotency<Req extends FastifyRequestLike = FastifyRequestLike>(
  instance: object,
  options: FastifyIdempotencyOptions<Req>,
): Promise<void> {
  const given = members("options", options, ["gate", "scope", "methods", "required", "maxBody", "context", "prefix"]);
  const { gate, prefix: _, ...rest } = given as Readonly<Record<string, unknown>> & { gate: Gate };
  const mount = readMount<FastifyRequestLike>(gate, rest);
  const pending = new WeakMap<FastifyRequestLike, Pending>();
  const app = instance as Instance;
  app.decorateRequest(OPERATION, null);

  app.addHook("preParsing", async (request, reply, payload) => {
    const key = keyOf(mount, request.raw);
    if (key === undefined) return payload;
    try {
      checkKey(key);
      const body = await collect(payload, mount.maxBody, request.raw);
      pending.set(request, { key, body });
      return again(body, payload);
    } catch (error) {
      if (error instanceof Gone) return reply.hijack();
      if (!(error instanceof GatewrightError)) throw error;
      // What is left of it is read and dropped, so that the client hears the answer.
      if (error instanceof BodyTooLarge) request.raw.resume();
      return answer(gate, reply, gate.problem(error));
    }
  });

  app.addHook("preHandler", async (request, reply) => {
    const asked = pending.get(request);
    if (asked === undefined) return undefined;
    const begun = await begin(mount, request, request.raw, request.originalUrl, asked.key, asked.body);
    if (begun instanceof GatewrightError) return answer(gate, reply, gate.problem(begun));
    if (begun.outcome === "replay") return answer(gate, reply, begun.response);
    (request as unknown as Record<string, unknown>)[OPERATION] = begun;
    capture(gate, begun.guard, reply.raw);
    return undefined;
  });

  app.addHook("onError", async (_request, reply) => fail(reply.raw));
}

/**
 * Limits the rate of the requests that reach the routes of the instance that it is registered in, by the rules of `gatewright/express`.
 * It decides in the hook `onRequest`, before a body is read: add authentication, which knows who asks, first, and `idempotency` in any
 * order. The handler finds the decision by `decisionOf(request)`. A refusal is sent without the hooks `preSerialization` and `onSend`.
 *
 * ```ts
 * await app.register(rateLimit, { gate, rule: (request) => ({ policy: "tenant", subject: request.user.tenant }) });
 * ```
 */
export async function rateLimit<Req extends FastifyRequestLike = FastifyRequestLike>(instance: object, options: RateLimitOptions<Req>): Promise<void> {
  const limited = readLimited<FastifyRequestLike>(options, ["prefix"]);
  const { gate } = limited;
  const app = instance as Instance;
  // There may be limits on the whole app and more on some of its routes.
  if (!app.hasRequestDecorator(DECISION)) app.decorateRequest(DECISION, null);

  app.addHook("onRequest", async (request, reply) => {
    const decision = await measure(limited, request);
    if (decision === undefined) return undefined;
    if (decision instanceof GatewrightError) return refuse(gate, request, reply, gate.problem(decision));
    if (!decision.allowed) return refuse(gate, request, reply, gate.limits.problem(decision));
    // To Node's own response: they belong to this exchange, and are no part of an answer that `idempotency` stores.
    for (const [name, value] of gate.limits.headers(decision)) reply.raw.setHeader(name, value);
    (request as unknown as Record<string, unknown>)[DECISION] = decision;
    return undefined;
  });
}

/** Answers before the body is read: what comes of it is read and dropped, so that the client hears the answer. */
function refuse(gate: Gate, request: FastifyRequestLike, reply: FastifyReplyLike, response: Response): FastifyReplyLike {
  request.raw.resume();
  return answer(gate, reply, response);
}

// As `fastify-plugin` marks them: the hooks are those of the instance that registers them, and not of a child.
for (const plugin of [idempotency, rateLimit]) {
  Object.assign(plugin, { [Symbol.for("skip-override")]: true, [Symbol.for("fastify.display-name")]: "gatewright" });
}

/** The decision that let this request through; `undefined` where it was not measured. It is also `request.rateLimit`. */
export function decisionOf(request: object): Decision | undefined {
  return ((request as Record<string, unknown>)[DECISION] as Decision | null | undefined) ?? undefined;
}

/** The operation that this request's handler runs; `undefined` where the request has passed through. It is also `request.idempotency`. */
export function operation(request: object): Operation | undefined {
  return ((request as Record<string, unknown>)[OPERATION] as Operation | null | undefined) ?? undefined;
}

/**
 * An error handler that answers every `GatewrightError` as `gate.problem` says, and leaves other errors to the next one.
 *
 * ```ts
 * app.setErrorHandler(problems(gate));
 * ```
 */
export function problems(gate: Gate): (error: unknown, request: unknown, reply: FastifyReplyLike) => Promise<unknown> {
  if (!(gate instanceof Gate)) throw invalidArgument("gate", `give a Gate, not ${kind(gate)}`);
  return async (error, _request, reply) => {
    if (!(error instanceof GatewrightError) || reply.raw.headersSent) throw error;
    await fail(reply.raw);
    return answer(gate, reply, gate.problem(error));
  };
}

function answer(gate: Gate, reply: FastifyReplyLike, response: Response): FastifyReplyLike {
  reply.hijack();
  // Fastify shows those that were set on Node's response among its own.
  send(gate, reply.raw, response, without(linesOf(reply), setLines(reply.raw)));
  return reply;
}

/** A stream of what has been read, of which Fastify compares the length with the header. */
function again(body: Buffer, payload: Readable & { receivedEncodedLength?: number }): Readable {
  return Object.assign(Readable.from(body.length === 0 ? [] : [body]), { receivedEncodedLength: payload.receivedEncodedLength ?? body.length });
}

/** The headers that hooks have set so far, as those of CORS. */
function linesOf(reply: FastifyReplyLike): Line[] {
  const lines: Line[] = [];
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    for (const item of Array.isArray(value) ? value : [value]) if (item !== undefined) lines.push([name, String(item)]);
  }
  return lines;
}
