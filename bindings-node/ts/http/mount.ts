/** What the glue of both frameworks may be told, and how it reads a request. */
import type { IncomingMessage } from "node:http";

import { kind, options as members } from "../arguments.js";
import type { Context } from "../context.js";
import { GatewrightError, call, invalidArgument } from "../errors.js";
import { Gate } from "../gate.js";
import type { Begun, IdempotentRequest, Scope } from "../idempotency.js";
import { native } from "../native.js";

/** Whose a request is: tenant and principal, not both empty, as they were authenticated and never as the client says. */
export interface Caller {
  readonly tenant?: string | undefined;
  readonly principal?: string | undefined;
  /** The method, where it is not the one of the request. */
  readonly method?: string | undefined;
  /** The path, where it is not the one of the request, as the client sent it and without the query. */
  readonly path?: string | undefined;
}

/** What idempotent routes may be told. */
export interface IdempotencyOptions<Req = IncomingMessage> {
  /** Whose the request is. Put authentication in front, so that this knows. */
  readonly scope: (request: Req) => Caller | PromiseLike<Caller>;
  /** Which methods need a key: by default POST and PATCH, which are not idempotent by themselves. Others pass through. */
  readonly methods?: readonly string[] | undefined;
  /** Whether a request without a key is refused (400 `idempotency_key_missing`): the default. With `false` it passes through. */
  readonly required?: boolean | undefined;
  /** The largest request body, in bytes, that is taken: 1 MiB by default. Beyond it: 413 `body_too_large`. */
  readonly maxBody?: number | undefined;
  /** What is known of the request, for events. */
  readonly context?: ((request: Req) => Context) | undefined;
}

/** @internal The options, read once, and their gate. */
export interface Mount<Req> {
  gate: Gate;
  scope: IdempotencyOptions<Req>["scope"];
  context: IdempotencyOptions<Req>["context"];
  methods: ReadonlySet<string>;
  required: boolean;
  maxBody: number;
}

/** @internal */
export const DEFAULT_MAX_BODY = 1 << 20;

/** @internal */
export function readMount<Req>(gate: unknown, options: unknown): Mount<Req> {
  if (!(gate instanceof Gate)) throw invalidArgument("gate", `give a Gate, not ${kind(gate)}`);
  const given = members("options", options, ["scope", "methods", "required", "maxBody", "context"]);
  const { scope, context, methods = ["POST", "PATCH"], required = true, maxBody = DEFAULT_MAX_BODY } = given;
  if (typeof scope !== "function") throw invalidArgument("options.scope", `give a function that says whose a request is, not ${kind(scope)}`);
  if (context !== undefined && typeof context !== "function") throw invalidArgument("options.context", `give a function, not ${kind(context)}`);
  if (!Array.isArray(methods) || !methods.every((method) => typeof method === "string")) {
    throw invalidArgument("options.methods", "give an array of strings");
  }
  if (typeof required !== "boolean") throw invalidArgument("options.required", `give true or false, not ${kind(required)}`);
  return {
    gate,
    scope: scope as Mount<Req>["scope"],
    context: context as Mount<Req>["context"],
    methods: new Set(methods),
    required,
    maxBody: readMaxBody("options.maxBody", maxBody),
  };
}

/** @internal */
export function readMaxBody(argument: string, value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw invalidArgument(argument, "give a number of bytes");
}

/** @internal The lines of the key; `undefined` for a request that is none of the glue's business. */
export function keyOf(mount: Mount<never>, message: IncomingMessage): string[] | undefined {
  if (!mount.methods.has(message.method ?? "")) return undefined;
  const lines: string[] = [];
  for (let at = 0; at + 1 < message.rawHeaders.length; at += 2) {
    if (message.rawHeaders[at]?.toLowerCase() === "idempotency-key") lines.push(message.rawHeaders[at + 1] ?? "");
  }
  return lines.length === 0 && !mount.required ? undefined : lines;
}

/** @internal Refuses a key that will be refused anyway, so that no body is waited for. */
export function checkKey(lines: readonly string[]): void {
  call(() => native.idempotencyCheckKey(lines.map((line) => Buffer.from(line, "latin1"))));
}

/** @internal `url` is the target as the client sent it: not what a router has left of it. */
export async function begin<Req>(
  { gate, scope, context }: Mount<Req>,
  request: Req,
  { method = "", headers }: IncomingMessage,
  url: string,
  key: readonly string[],
  body: Uint8Array,
): Promise<Begun | GatewrightError> {
  const { path, query } = targetOf(url);
  const caller = members("scope", await scope(request), ["tenant", "principal", "method", "path"]) as Caller;
  const whole: Scope = { ...caller, method: caller.method ?? method, path: caller.path ?? path };
  const asked: IdempotentRequest = { key, scope: whole, body, contentType: headers["content-type"], query, context: context?.(request) };
  try {
    return await gate.idempotency.begin(asked);
  } catch (error) {
    if (error instanceof GatewrightError) return error;
    throw error;
  }
}

/** The path and, behind the first `?`, the query. A target may be a whole URL, as a proxy sends it. */
function targetOf(url: string): { path: string; query: string | undefined } {
  const target = url.startsWith("/") ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, "");
  const at = target.indexOf("?");
  const [path, query] = at < 0 ? [target, undefined] : [target.slice(0, at), target.slice(at + 1)];
  return { path: path === "" ? "/" : path, query };
}
