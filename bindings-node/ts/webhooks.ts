import * as read from "./arguments.js";
import { type WithContext, context } from "./context.js";
import { call, invalidArgument, settled, soon } from "./errors.js";
import { type HeadersLike, headers } from "./headers.js";
import { type Begun, begunOf } from "./idempotency.js";
import { type Handle, native } from "./native.js";

/** The line of a request, for schemes that sign it. */
export interface RequestLine {
  readonly method: string;
  readonly url: string;
}

/** The optional arguments of a signature. */
export interface SignOptions {
  /** The message id, for schemes that have one. Drawn if absent. */
  readonly id?: string | undefined;
  /** The nonce, for schemes that have one. Drawn if absent. */
  readonly nonce?: string | undefined;
  readonly request?: RequestLine | undefined;
}

/** The optional arguments of a verification. */
export interface VerifyOptions extends WithContext {
  readonly request?: RequestLine | undefined;
}

interface CheckedText {
  keyId: string;
  timestamp?: number;
  id?: string;
  nonce?: string;
}

/** A message whose signature and window are right. */
export class Checked {
  readonly #text: string;
  #read: CheckedText | undefined;

  /** @internal */
  constructor(text: string) {
    this.#text = text;
  }

  get #checked() {
    return (this.#read ??= JSON.parse(this.#text) as CheckedText);
  }

  /** Which secret signed it. */
  get keyId(): string {
    return this.#checked.keyId;
  }
  /** When it was signed, if the scheme has a time. */
  get timestamp(): Date | undefined {
    const milliseconds = this.timestampMs;
    return milliseconds === undefined ? undefined : new Date(milliseconds);
  }
  /** The same in milliseconds since 1970; the fraction holds the microseconds that a `Date` drops. */
  get timestampMs(): number | undefined {
    const { timestamp } = this.#checked;
    return timestamp === undefined ? undefined : timestamp / 1000;
  }
  /** The message id, if the scheme has one. */
  get id(): string | undefined {
    return this.#checked.id;
  }
  /** The nonce, if the scheme has one. */
  get nonce(): string | undefined {
    return this.#checked.nonce;
  }

  toJSON(): { keyId: string; timestamp: Date | undefined; id: string | undefined; nonce: string | undefined } {
    const { keyId, timestamp, id, nonce } = this;
    return { keyId, timestamp, id, nonce };
  }
}

/** The message that was checked, and what it is to do. */
export type BegunMessage = Begun & { readonly checked: Checked };

type NativeVerified = Exclude<Awaited<ReturnType<typeof native.webhooksVerify>>, { failure: string }>;

/**
 * A verified message and its claim. Call `commit` once the message has been used, or `release` to have it delivered again;
 * `await using` releases what was not committed.
 */
export class Verified extends Checked {
  readonly #claim: NativeVerified["claim"];
  #settled = false;
  /** Whether a message with this id has been committed before: answer 2xx and do nothing. */
  readonly duplicate: boolean;

  /** @internal */
  constructor(verified: NativeVerified) {
    super(verified.checked);
    this.#claim = verified.claim;
    this.duplicate = verified.duplicate;
  }

  /** The message has been used: any further one is a replay, or a duplicate. */
  async commit(): Promise<void> {
    await settled(native.verifiedCommit(this.#claim));
    this.#settled = true;
  }

  /** The message has not been used: the sender may deliver it again. */
  async release(): Promise<void> {
    await settled(native.verifiedRelease(this.#claim));
    this.#settled = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#settled) await this.release();
  }
}

/** The calls on webhooks: `gate.webhooks`. */
export class Webhooks {
  readonly #gate: Handle;

  /** @internal */
  constructor(gate: Handle) {
    this.#gate = gate;
  }

  /** Signs a body: the headers to send with it, as pairs. Synchronous. */
  sign(endpoint: string, body: Uint8Array, options?: SignOptions): [name: string, value: string][] {
    const [which, content] = [read.text("endpoint", endpoint), read.body(body)];
    const given = options === undefined ? undefined : readSign(options);
    return JSON.parse(call(() => native.webhooksSign(this.#gate, which, content, given))) as [string, string][];
  }

  /** Checks signature and window and claims nothing, so a replay passes. Synchronous. A refusal is a `WebhookError`. */
  check(endpoint: string, given: HeadersLike, body: Uint8Array, options?: { readonly request?: RequestLine | undefined }): Checked {
    const [which, fields, content] = [read.text("endpoint", endpoint), headers(given), read.body(body)];
    const request = options === undefined ? undefined : readVerify(options, ["request"]).request;
    return new Checked(call(() => native.webhooksCheck(this.#gate, which, fields, content, request)));
  }

  /**
   * Checks a message, then claims it, so that it is used once.
   *
   * ```ts
   * const ok = await gate.webhooks.verify("chirpstack", request.rawHeaders, body);
   * if (!ok.duplicate) await handle(body);
   * await ok.commit();
   * ```
   */
  async verify(endpoint: string, given: HeadersLike, body: Uint8Array, options?: VerifyOptions): Promise<Verified> {
    const [which, fields, content] = [read.text("endpoint", endpoint), headers(given), read.body(body)];
    const { request, about } = readVerify(options, ["request", "context"]);
    return new Verified(await settled(native.webhooksVerify(this.#gate, which, fields, content, request, about)));
  }

  /**
   * Verifies a message, runs `handle`, then commits; if `handle` throws, releases and throws the same. It runs for a
   * duplicate as well: look at `verified.duplicate`.
   */
  async run<T>(
    endpoint: string,
    given: HeadersLike,
    body: Uint8Array,
    handle: (verified: Verified) => T | PromiseLike<T>,
    options?: VerifyOptions,
  ): Promise<T> {
    if (typeof handle !== "function") throw invalidArgument("handle", `give a function, not ${read.kind(handle)}`);
    const verified = await this.verify(endpoint, given, body, options);
    let result: T;
    try {
      result = await handle(verified);
    } catch (error) {
      // The error of the handler is the news; a failed release leaves the claim to its hold, which bounds it.
      await verified.release().catch(() => undefined);
      throw error;
    }
    await verified.commit();
    return result;
  }

  /**
   * Checks a message and begins the operation that it asks for: of any number of deliveries one at a time may handle it, and once
   * it has been answered, all others get that answer. So "verified, handled, acknowledged" is one operation with a lease and a
   * fence, and a worker that dies in the middle is followed by another. Needs `[idempotency]`, whose routes mean a message by
   * `match = { method = "WEBHOOK", path = "/<endpoint>" }`. Use this or `verify` for an endpoint, not both.
   *
   * ```ts
   * const begun = await gate.webhooks.begin("chirpstack", request.rawHeaders, body);
   * if (begun.outcome === "replay") return begun.response;
   * await using guard = begun.guard;
   * return await guard.complete(await handle(body));
   * ```
   */
  async begin(endpoint: string, given: HeadersLike, body: Uint8Array, options?: VerifyOptions): Promise<BegunMessage> {
    const [which, fields, content] = [read.text("endpoint", endpoint), headers(given), read.body(body)];
    const { request, about } = readVerify(options, ["request", "context"]);
    const message = await soon(() => native.webhooksBegin(this.#gate, which, fields, content, request, about));
    return { ...begunOf(message.begun), checked: new Checked(message.checked) };
  }
}

function readRequest(argument: string, value: unknown): RequestLine {
  const given = read.options(argument, value, ["method", "url"]);
  return { method: read.text("request.method", given["method"]), url: read.text("request.url", given["url"]) };
}

function readSign(options: unknown): Parameters<typeof native.webhooksSign>[3] {
  const given = read.options("options", options, ["id", "nonce", "request"]);
  return {
    ...read.optional("id", given, read.text),
    ...read.optional("nonce", given, read.text),
    ...read.optional("request", given, readRequest),
  };
}

function readVerify(options: unknown, known: readonly string[]) {
  const given = read.options("options", options, known);
  return {
    request: read.optional("request", given, readRequest).request,
    about: read.optional("context", given, context).context,
  };
}
