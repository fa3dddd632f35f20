/**
 * `gatewright/fastify`: idempotency keys for Fastify 4 and 5.
 *
 * It decides nothing by itself: it reads the request, asks the gate, and sends what the gate says.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";

import { kind, options as members } from "./arguments.js";
import { BodyTooLarge, GatewrightError, invalidArgument } from "./errors.js";
import { Gate } from "./gate.js";
import { capture, fail, send } from "./http/answer.js";
import { Gone, collect } from "./http/body.js";
import type { Line } from "./http/headers.js";
import { type Caller, type IdempotencyOptions, begin, checkKey, keyOf, readMount } from "./http/mount.js";
import type { Execute, Resume } from "./idempotency.js";
import type { Response } from "./response.js";

export type { Caller };

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
  addHook(name: "preParsing", hook: (request: FastifyRequestLike, reply: FastifyReplyLike, payload: Readable) => Promise<unknown>): unknown;
  addHook(name: "onError" | "preHandler", hook: (request: FastifyRequestLike, reply: FastifyReplyLike) => Promise<unknown>): unknown;
}

interface Pending {
  key: readonly string[];
  body: Uint8Array;
}

const OPERATION = "idempotency";

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

// As `fastify-plugin` marks it: the hooks are those of the instance that registers it, and not of a child.
Object.assign(idempotency, { [Symbol.for("skip-override")]: true, [Symbol.for("fastify.display-name")]: "gatewright" });

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
  send(gate, reply.raw, response, linesOf(reply));
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
