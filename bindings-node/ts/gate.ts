import { fileURLToPath } from "node:url";

import { json, kind, text } from "./arguments.js";
import { Epochs } from "./epochs.js";
import { GatewrightError, InternalError, call, invalidArgument, settled } from "./errors.js";
import { type Event, event } from "./event.js";
import { Idempotency } from "./idempotency.js";
import { Limits } from "./limits.js";
import { Lockout } from "./lockout.js";
import { type Handle, native } from "./native.js";
import { type Response, responseOf } from "./response.js";
import { Sessions } from "./sessions.js";
import { Tokens } from "./tokens.js";
import { Webhooks } from "./webhooks.js";

/** A policy document: its text (TOML or JSON), or the same tree as a plain object. */
export type Policy = string | { readonly [name: string]: unknown };

/**
 * An opened policy document.
 *
 * ```ts
 * const gate = await Gate.open("gatewright.toml");
 * const pair = await gate.tokens.issue({ tenant: "acme", subject: "u-42", client: "web" });
 * const claims = gate.tokens.verify(pair.accessToken);
 * await gate.close();
 * ```
 */
export class Gate {
  readonly #handle: Handle;
  readonly tokens: Tokens;
  readonly sessions: Sessions;
  readonly epochs: Epochs;
  readonly webhooks: Webhooks;
  readonly idempotency: Idempotency;
  readonly limits: Limits;
  readonly lockout: Lockout;

  private constructor(handle: Handle) {
    if (typeof handle !== "object") throw invalidArgument("Gate", "call Gate.open or Gate.fromPolicy in place of the constructor");
    this.#handle = handle;
    this.tokens = new Tokens(handle);
    this.sessions = new Sessions(handle);
    this.epochs = new Epochs(handle);
    this.webhooks = new Webhooks(handle);
    this.idempotency = new Idempotency(handle);
    this.limits = new Limits(handle);
    this.lockout = new Lockout(handle);
    Object.freeze(this);
  }

  /** Opens the policy document in a file. Throws `ConfigError` with every problem of the file. */
  static async open(path: string | URL): Promise<Gate> {
    return new Gate(await settled(native.gateOpen({ path: readPath(path) })));
  }

  /** Opens a policy document given as text or as a plain object. Relative paths start at the working directory. */
  static async fromPolicy(policy: Policy): Promise<Gate> {
    return new Gate(await settled(native.gateOpen(readPolicy(policy))));
  }

  /** Ends the gate: calls under way finish, later ones are `closed`. Closing again does nothing. */
  async close(): Promise<void> {
    await settled(native.gateClose(this.#handle));
    Limits.close(this.limits);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Calls `listener` with every decision, in a later turn of the event loop. It does not keep the process alive. What the
   * listener throws becomes a process warning. Beyond 65,536 waiting events further ones are dropped.
   */
  onEvent(listener: (event: Event) => void): void {
    if (typeof listener !== "function") throw invalidArgument("listener", `give a function, not ${kind(listener)}`);
    native.gateOnEvent(this.#handle, (text) => {
      try {
        listener(event(text));
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }

  /** Deletes expired records in bounded batches until none is left, and says how many. */
  async sweep(): Promise<number> {
    return settled(native.gateSweep(this.#handle));
  }

  /** Whether the store answers: `Unavailable` if not. */
  async health(): Promise<void> {
    await settled(native.gateHealth(this.#handle));
  }

  /**
   * What is to be sent to a client for an error: problem+json (RFC 9457), or the envelope of older APIs, as `[http] errors` says, with
   * `Retry-After` where the error says when; for a `stale` error that carries it, the winner's answer. Whatever is no
   * `GatewrightError` is `internal`, and nothing of it is shown. Synchronous.
   *
   * ```ts
   * const { status, headers, body } = gate.problem(error);
   * response.writeHead(status, headers.flat()).end(body);
   * ```
   */
  problem(error: unknown): Response {
    const known = error instanceof GatewrightError ? error : new InternalError({ code: "internal", message: "" });
    if (known.response !== undefined) return known.response;
    const { code, message, retryAfterMs, responseStatus, bodyDigest, serverTimeMs } = known;
    const parts = Object.entries({ retryAfterMs, responseStatus, bodyDigest, serverTimeMs }).filter(([, value]) => value !== undefined);
    return responseOf(call(() => native.gateProblem(this.#handle, { code, message, ...Object.fromEntries(parts) })));
  }

  /** @internal For `gatewright/testing`. */
  static of(handle: Handle): Gate {
    return new Gate(handle);
  }

  /** @internal For `gatewright/testing`. */
  static handle(gate: unknown): Handle {
    if (gate instanceof Gate) return gate.#handle;
    throw invalidArgument("gate", `give a Gate, not ${kind(gate)}`);
  }
}

/** @internal */
export function readPath(path: unknown): string {
  if (path instanceof URL) {
    if (path.protocol !== "file:") throw invalidArgument("path", "give a file: URL or a string");
    return fileURLToPath(path);
  }
  return text("path", path);
}

/** @internal */
export function readPolicy(policy: unknown): { text: string; data: boolean } {
  return typeof policy === "string" ? { text: text("policy", policy), data: false } : { text: json("policy", policy), data: true };
}

