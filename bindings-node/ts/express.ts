/**
 * `gatewright/express`: rate limits and idempotency keys for Express, or for any framework whose handlers get Node's own request and response.
 *
 * It decides nothing by itself: it reads the request, asks the gate, and sends what the gate says.
 */
import type { IncomingMessage, ServerResponse } from "node:http";

import { kind } from "./arguments.js";
import type { Decision } from "./decision.js";
import { BodyTooLarge, GatewrightError, invalidArgument } from "./errors.js";
import { Gate } from "./gate.js";
import { capture, fail, send } from "./http/answer.js";
import { Gone, type ParsedRequest, bodyOf } from "./http/body.js";
import { type Caller, DEFAULT_MAX_BODY, type IdempotencyOptions, type Mount, begin, checkKey, keyOf, readMaxBody, readMount } from "./http/mount.js";
import { type RateLimitOptions, type Rule, measure, readLimited } from "./http/rate.js";
import type { Execute, Resume } from "./idempotency.js";

export type { Caller, IdempotencyOptions, RateLimitOptions, Rule };

/** The operation that a handler runs: its guard, and the checkpoint of the worker that it takes over from. */
export type Operation = Execute | Resume;

declare global {
  namespace Express {
    interface Request {
      /** The operation that this handler runs; the middleware `idempotency` ends it with the handler's answer. */
      idempotency?: Operation;
      /** The decision of `rateLimit` that let this request through: to look at it, or to give its permit back. */
      rateLimit?: Decision;
      /** The body as it was received, once `idempotency` or `keepRawBody` has seen it. */
      rawBody?: Uint8Array;
    }
  }
}

type Next = (error?: unknown) => void;

/**
 * Gives the routes behind it idempotency keys: of any number of requests with one key, one is handled at a time, and once it has an
 * answer, the others are sent that.
 *
 * - A request needs exactly one header `Idempotency-Key`; one without is refused (400 `idempotency_key_missing`), unless
 *   `required: false` lets it pass. Methods other than POST and PATCH pass through (`methods`).
 * - The body is taken as it was received: read here, and put back for parsers behind; or from `express.raw()`; or from a parser with
 *   `verify: keepRawBody`. A body that was parsed without that is an error of the app, which goes to `next`.
 * - The handler finds its operation in `request.idempotency`.
 * - The answer is stored before it is sent, however it is written. A body larger than the policy's `max_stored_body` is handed out as
 *   it comes, and only its status and digest are stored, before its last piece is sent. Headers that were set before this middleware
 *   ran are sent and not stored.
 * - If the handler fails, the operation is given back where leaving its guard would do so: put the error handler `problems` behind the
 *   routes, as only such a one hears of it. Where another error handler answers, that is the answer, stored or not by its status.
 * - If the client goes away in the middle of an answer, the operation is given back where leaving its guard would do so. If it goes
 *   away before, the handler's answer is stored when it comes, for the client's next try.
 * - A refusal is `gate.problem`; the answer of a worker that lost its lease is the winner's.
 *
 * Put it behind authentication and rate limits, so that what they refuse never takes a key, and inside of whatever compresses.
 *
 * ```ts
 * app.post("/orders", idempotency(gate, { scope: (request) => ({ tenant: "acme", principal: request.user.id }) }), async (request, response) => {
 *   await request.idempotency.guard.markEffects(); // the next act cannot be taken back
 *   response.status(201).json(await order(request));
 * });
 * ```
 */
export function idempotency<Req extends IncomingMessage = IncomingMessage>(
  gate: Gate,
  options: IdempotencyOptions<Req>,
): (request: Req, response: ServerResponse, next: Next) => void {
  const mount = readMount<Req>(gate, options);
  return (request, response, next) => {
    open(mount, request, response).then((handles) => {
      if (handles) next();
    }, next);
  };
}

/** Whether the request is the handler's, or has been answered already. */
async function open<Req extends IncomingMessage>(mount: Mount<Req>, request: Req, response: ServerResponse): Promise<boolean> {
  const key = keyOf(mount, request);
  if (key === undefined) return true;
  const refuse = (error: unknown): false => {
    send(mount.gate, response, mount.gate.problem(error));
    return false;
  };
  let body: Uint8Array;
  try {
    checkKey(key);
  } catch (error) {
    return refuse(error);
  }
  try {
    body = await bodyOf(request as ParsedRequest, mount.maxBody);
  } catch (error) {
    if (error instanceof Gone) return false;
    if (!(error instanceof BodyTooLarge)) throw error;
    // What is left of it is read and dropped, so that the client hears the answer.
    request.resume();
    return refuse(error);
  }
  const { originalUrl, url = "/" } = request as Req & { originalUrl?: string };
  const begun = await begin(mount, request, request, originalUrl ?? url, key, body);
  if (begun instanceof GatewrightError) return refuse(begun);
  if (begun.outcome === "replay") {
    send(mount.gate, response, begun.response);
    return false;
  }
  (request as Express.Request).idempotency = begun;
  capture(mount.gate, begun.guard, response);
  return true;
}

/**
 * Limits the rate of the requests that reach the routes behind it.
 *
 * - `rule` says which policy a request is measured by and for whom; one for which it gives nothing passes unmeasured.
 * - A request that is allowed goes on, with its decision in `request.rateLimit`, and its answer has the headers of `gate.limits.headers`.
 * - A refusal is answered by `gate.limits.problem` (429).
 * - A cost or subject that cannot be measured, and a policy that does not provide for it, is answered by `gate.problem`. What a store
 *   that is down comes to is the policy's `on_store_error` to say. What `rule` throws goes to `next`.
 *
 * Put it behind authentication, which knows who asks, and in front of `idempotency`, so that what it refuses takes no key.
 *
 * ```ts
 * app.use(rateLimit({ gate, rule: (request) => ({ policy: "tenant", subject: request.user.tenant }) }));
 * ```
 */
export function rateLimit<Req extends IncomingMessage = IncomingMessage>(
  options: RateLimitOptions<Req>,
): (request: Req, response: ServerResponse, next: Next) => void {
  const limited = readLimited<Req>(options);
  return (request, response, next) => {
    admit(limited, request, response).then((passes) => {
      if (passes) next();
    }, next);
  };
}

/** Whether the request goes on, or has been answered already. */
async function admit<Req extends IncomingMessage>(limited: RateLimitOptions<Req>, request: Req, response: ServerResponse): Promise<boolean> {
  const { gate } = limited;
  const decision = await measure(limited, request);
  if (decision === undefined) return true;
  if (decision instanceof GatewrightError || !decision.allowed) {
    send(gate, response, decision instanceof GatewrightError ? gate.problem(decision) : gate.limits.problem(decision));
    // What is left of the request is read and dropped, so that the client hears the answer.
    request.resume();
    return false;
  }
  for (const [name, value] of gate.limits.headers(decision)) response.setHeader(name, value);
  (request as Express.Request).rateLimit = decision;
  return true;
}

/**
 * Keeps the bytes of a body beside what a parser makes of it: `express.json({ verify: keepRawBody })`. For webhooks as well:
 * `gate.webhooks.verify(endpoint, request.rawHeaders, request.rawBody)`.
 */
export function keepRawBody(request: IncomingMessage, _response: ServerResponse, body: Buffer): void {
  (request as ParsedRequest).rawBody = body;
}

/**
 * The body of a request as it was received, at most `maxBody` bytes (1 MiB by default; beyond it, `BodyTooLarge`), for handlers that call
 * the gate themselves: what a parser has kept, or else what is read here and put back for parsers behind. A body that was parsed without
 * its bytes is `invalid_argument`.
 *
 * ```ts
 * const ok = await gate.webhooks.verify("chirpstack", request.rawHeaders, await rawBody(request));
 * ```
 */
export async function rawBody(request: IncomingMessage, maxBody: number = DEFAULT_MAX_BODY): Promise<Uint8Array> {
  return bodyOf(request, readMaxBody("maxBody", maxBody));
}

/**
 * The error handler behind routes with `idempotency`. A handler that failed has its operation given back where leaving its guard would do
 * so, and what it had written is dropped if none of it was sent. Then every `GatewrightError` is answered as `gate.problem` says, and
 * other errors go to the next error handler.
 *
 * ```ts
 * app.use(problems(gate));
 * ```
 */
export function problems(gate: Gate): (error: unknown, request: IncomingMessage, response: ServerResponse, next: Next) => void {
  if (!(gate instanceof Gate)) throw invalidArgument("gate", `give a Gate, not ${kind(gate)}`);
  return (error, _request, response, next) => {
    fail(response).then(() => {
      if (error instanceof GatewrightError && !response.headersSent) send(gate, response, gate.problem(error));
      else next(error);
    }, next);
  };
}
