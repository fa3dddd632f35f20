import { isUint8Array } from "node:util/types";

import { body, bytes, kind, options, text } from "./arguments.js";
import { type WithContext, context } from "./context.js";
import { type NextAction, Stale, call, invalidArgument, soon } from "./errors.js";
import { Guard, type NativeGuard } from "./guard.js";
import { type Handle, native } from "./native.js";
import { type NativeResponse, type Response, type ResponseLike, readStatus, responseOf } from "./response.js";

/** Whose an operation is, and to what. Tenant and principal are not both empty: all callers would share their keys. */
export interface Scope {
  readonly tenant?: string | undefined;
  /** Who calls, within the tenant. */
  readonly principal?: string | undefined;
  /** The method, as received. */
  readonly method: string;
  /** The raw path, without the query. */
  readonly path: string;
}

/** A request that must have one effect. */
export interface IdempotentRequest extends WithContext {
  /** The header `Idempotency-Key`: its one line, or all its lines as received. A string stands for its UTF-8 bytes. */
  readonly key: string | Uint8Array | readonly (string | Uint8Array)[] | undefined;
  readonly scope: Scope;
  /** The body, the bytes as received. */
  readonly body?: Uint8Array | undefined;
  /** In place of the body: what makes the request what it is; under `content_digest`, the header `Content-Digest`. */
  readonly fingerprint?: Uint8Array | string | undefined;
  /** The header `Content-Type`, as received. */
  readonly contentType?: string | undefined;
  /** The query, as received, without the `?`. */
  readonly query?: string | undefined;
  /** The path that routes of the policy are matched with, where it is not the one of the scope. */
  readonly route?: string | undefined;
}

/** How far an operation had come when its worker stopped. */
export interface Checkpoint {
  readonly name: string;
  readonly data: Uint8Array;
}

/** Run the operation, and complete the guard. */
export interface Execute {
  readonly outcome: "execute";
  readonly guard: Guard;
}

/** Another worker began it and its lease ran out: go on from its newest checkpoint, if it left one, and complete the guard. */
export interface Resume {
  readonly outcome: "resume";
  readonly guard: Guard;
  readonly checkpoint: Checkpoint | undefined;
}

/** It has been run: send this. */
export interface Replay {
  readonly outcome: "replay";
  readonly response: Response;
}

/** What a request is to do. */
export type Begun = Execute | Replay | Resume;

/** The calls on idempotency: `gate.idempotency`. */
export class Idempotency {
  readonly #gate: Handle;

  /** @internal */
  constructor(gate: Handle) {
    this.#gate = gate;
  }

  /**
   * Begins an operation: of any number of requests with one key, one at a time may run it, and once it has an answer, all others get
   * that. Refusals are errors: `InProgress`, `KeyReused`, `OutcomeUnknown`, `ResponseUnavailable`, and `IdempotencyError` for a key
   * that is missing, doubled or malformed.
   *
   * ```ts
   * const begun = await gate.idempotency.begin({ key, scope, body });
   * if (begun.outcome === "replay") return begun.response;
   * await using guard = begun.guard;
   * await guard.markEffects(); // the next act cannot be taken back
   * return await guard.complete(await work());
   * ```
   */
  async begin(request: IdempotentRequest): Promise<Begun> {
    const { about, content, fingerprint } = readRequest(request);
    return begunOf(await soon(() => native.idempotencyBegin(this.#gate, about, content, fingerprint)));
  }

  /**
   * Begins, calls `handle` unless there is an answer already, completes, and gives the answer. `handle` gets the guard and, of an
   * operation that another worker began, its newest checkpoint. What it throws is thrown again, once the operation has been given
   * back, where leaving the guard would do so. Of a worker that lost its lease, the answer is the winner's.
   *
   * ```ts
   * const response = await gate.idempotency.run({ key, scope, body }, async (guard) => {
   *   await guard.markEffects();
   *   return { status: 201, body: await work() };
   * });
   * ```
   */
  async run(
    request: IdempotentRequest,
    handle: (guard: Guard, checkpoint: Checkpoint | undefined) => ResponseLike | PromiseLike<ResponseLike>,
  ): Promise<Response> {
    if (typeof handle !== "function") throw invalidArgument("handle", `give a function, not ${kind(handle)}`);
    const begun = await this.begin(request);
    if (begun.outcome === "replay") return begun.response;
    const { guard } = begun;
    let answer: ResponseLike;
    try {
      answer = await handle(guard, begun.outcome === "resume" ? begun.checkpoint : undefined);
    } catch (error) {
      await guard[Symbol.asyncDispose]();
      throw error;
    }
    try {
      return await guard.complete(answer);
    } catch (error) {
      await guard[Symbol.asyncDispose]();
      if (error instanceof Stale && error.response !== undefined) return error.response;
      throw error;
    }
  }

  /** A key for a new operation, a UUID of version 7. Keep it beside the operation before the first request is sent. Synchronous. */
  newKey(): string {
    return call(() => native.idempotencyNewKey(this.#gate));
  }

  /**
   * What a client does after an answer of this HTTP status (0 for none: a time-out or a lost connection) and code, where the answer
   * has one. A key is given up only after a definite outcome. Synchronous.
   */
  nextAction(status: number, code?: string): NextAction {
    const [which, named] = [readStatus(status), code === undefined || code === null ? undefined : text("code", code)];
    return call(() => native.idempotencyNextAction(this.#gate, which, named)) as NextAction;
  }
}

type NativeBegun = Exclude<Awaited<ReturnType<typeof native.idempotencyBegin>>, { failure: string }>;

/** @internal */
export function begunOf(begun: NativeBegun): Begun {
  const { outcome, checkpoint } = begun;
  if (outcome === "replay") return { outcome, response: responseOf(begun.response as NativeResponse) };
  const guard = new Guard(begun as NativeGuard);
  return outcome === "resume" ? { outcome, guard, checkpoint } : { outcome, guard };
}

type About = Parameters<typeof native.idempotencyBegin>[1];

const MEMBERS = ["key", "scope", "body", "fingerprint", "contentType", "query", "route", "context"];
const SCOPE = ["tenant", "principal", "method", "path"];

/** Without intermediate objects: it is read for every request. */
function readRequest(request: unknown): { about: About; content: Uint8Array | undefined; fingerprint: Uint8Array | undefined } {
  const { key, scope, body: content, fingerprint, contentType, query, route, context: known } = options("request", request, MEMBERS);
  const { tenant, principal, method, path } = options("scope", scope, SCOPE);
  const about: About = {
    key: readKey(key),
    tenant: isAbsent(tenant) ? "" : text("scope.tenant", tenant),
    principal: isAbsent(principal) ? "" : text("scope.principal", principal),
    method: text("scope.method", method),
    path: text("scope.path", path),
  };
  if (!isAbsent(contentType)) about.contentType = text("contentType", contentType);
  if (!isAbsent(query)) about.query = text("query", query);
  if (!isAbsent(route)) about.route = text("route", route);
  if (!isAbsent(known)) about.context = context("context", known);
  return {
    about,
    content: isAbsent(content) ? undefined : body(content),
    fingerprint: isAbsent(fingerprint) ? undefined : octets("fingerprint", fingerprint),
  };
}

/** `null` counts as absent, as databases give it. */
function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** Lines are as many as they are: none, or more than one, is for the native half to refuse. */
function readKey(value: unknown): About["key"] {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return Array.from(value, (line) => octets("key", line));
  return [octets("key", value)];
}

/** A string stands for its UTF-8 bytes. */
function octets(argument: string, value: unknown): Uint8Array {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  if (isUint8Array(value)) return bytes(argument, value);
  throw invalidArgument(argument, `give a string or Uint8Array, not ${kind(value)}`);
}
