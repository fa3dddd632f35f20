import { inspect } from "node:util";

import * as read from "./arguments.js";
import { Claims } from "./claims.js";
import { type WithContext, context, onlyContext } from "./context.js";
import { call, invalidArgument, settled } from "./errors.js";
import { type Handle, native } from "./native.js";

/** Who logs in. Names have at most 255 bytes; the client is one that the policy names. */
export interface Login extends WithContext {
  /** The tenant; leave it out in a system that has only one. */
  readonly tenant?: string | undefined;
  readonly subject: string;
  readonly client: string;
  /** What the subject may do; fixed for the session. */
  readonly roles?: readonly string[] | undefined;
  /** Scope text, as OAuth writes it. */
  readonly scope?: string | undefined;
  readonly device?: Device | undefined;
  /**
   * Further claims of the access token: a plain object of JSON values. They are recorded as RFC 8785 has it, in which a whole
   * number beyond 2^53, a BigInt too, becomes the nearest double: write such ids as strings.
   */
  readonly claims?: { readonly [name: string]: unknown } | undefined;
  /** When the subject proved who they are. Default: now. */
  readonly authTime?: read.Instant | undefined;
  /** How they proved it (RFC 8176). */
  readonly amr?: readonly string[] | undefined;
  /** The thumbprint of a DPoP key. Not in this version: given, it is `invalid_argument`. */
  readonly dpopJkt?: string | undefined;
}

/** The device of a login. */
export interface Device {
  readonly id: string;
  readonly kind?: string | undefined;
  readonly name?: string | undefined;
  readonly platform?: string | undefined;
  readonly appVersion?: string | undefined;
}

/** The optional arguments of `refreshAccessOnly`. */
export interface RefreshAccessOnly extends WithContext {
  /** A DPoP proof. Not in this version: given, it is `invalid_argument`. */
  readonly dpop?: Dpop | undefined;
  /** Which client presents the token; compared with the login's. */
  readonly client?: string | undefined;
  /** Which tenant the request is for; compared with the login's. */
  readonly tenant?: string | undefined;
  /** Which device presents the token; another than the login's closes the lost-response window. */
  readonly deviceId?: string | undefined;
}

/** The optional arguments of `refresh`. */
export interface Refresh extends RefreshAccessOnly {
  /** 16 random bytes that the client wrote down before it sent the request; another length is `invalid_argument`. */
  readonly retryKey?: Uint8Array | undefined;
}

/** A DPoP proof and the request that it is for. */
export interface Dpop {
  readonly proof: string;
  readonly method: string;
  readonly url: string;
}

/** How a pair of tokens came about; for events and metrics, never for the wire. */
export type Outcome = "issued" | "rotated" | "retry_concurrent" | "retry_lost" | "access_only";

type NativePair = Exclude<Awaited<ReturnType<typeof native.tokensIssue>>, { failure: string }>;

/** What a login or a refresh answers. `console.log` does not show the tokens. */
export class TokenPair {
  /** The access token, a JWT. */
  readonly accessToken: string;
  /** The refresh token; `undefined` after `refreshAccessOnly`. */
  readonly refreshToken: string | undefined;
  readonly tokenType: "bearer";
  /** Whole seconds that the access token lives. */
  readonly expiresIn: number;
  readonly sessionId: string;
  readonly outcome: Outcome;
  /** The store's clock, in milliseconds since 1970. */
  readonly serverTimeMs: number;

  /** @internal */
  constructor(pair: NativePair) {
    this.accessToken = pair.accessToken;
    this.refreshToken = pair.refreshToken;
    this.tokenType = pair.tokenType as "bearer";
    this.expiresIn = pair.expiresIn;
    this.sessionId = pair.sessionId;
    this.outcome = pair.outcome as Outcome;
    this.serverTimeMs = pair.serverTimeMs;
    Object.freeze(this);
  }

  /** @internal */
  [inspect.custom](): unknown {
    const { sessionId, outcome, expiresIn, serverTimeMs } = this;
    return Object.assign(Object.create({ constructor: TokenPair }) as object, { sessionId, outcome, expiresIn, serverTimeMs });
  }
}

/** The calls on tokens: `gate.tokens`. */
export class Tokens {
  readonly #gate: Handle;

  /** @internal */
  constructor(gate: Handle) {
    this.#gate = gate;
  }

  /** Begins a session. */
  async issue(login: Login): Promise<TokenPair> {
    return new TokenPair(await settled(native.tokensIssue(this.#gate, readLogin(login))));
  }

  /** Exchanges a refresh token for the next pair. A refusal is a `RefreshError`. */
  async refresh(token: string, options?: Refresh): Promise<TokenPair> {
    const given = readRefresh(options, ["retryKey", ...ACCESS_ONLY]);
    return new TokenPair(await settled(native.tokensRefresh(this.#gate, read.token("token", token), given)));
  }

  /** Gives an access token and changes nothing; for confidential and DPoP-bound clients only. */
  async refreshAccessOnly(token: string, options?: RefreshAccessOnly): Promise<TokenPair> {
    const given = readRefresh(options, ACCESS_ONLY);
    return new TokenPair(await settled(native.tokensRefreshAccessOnly(this.#gate, read.token("token", token), given)));
  }

  /**
   * Verifies an access token against the local view: synchronous, it touches memory only. `issuer` is the id of a foreign
   * issuer of the policy. A refusal is a `TokenError`.
   */
  verify(access: string, options?: { readonly issuer?: string | undefined; readonly dpop?: Dpop | undefined }): Claims {
    const token = read.token("access", access);
    let issuer: string | undefined;
    if (options !== undefined) {
      const given = read.options("options", options, ["issuer", "dpop"]);
      refuseDpop(given);
      issuer = read.optional("issuer", given, read.text).issuer;
    }
    return new Claims(call(() => native.tokensVerify(this.#gate, token, issuer)));
  }

  /** Verifies one of our own access tokens after a refresh of the local view from the store. */
  async verifyFresh(access: string, options?: { readonly dpop?: Dpop | undefined }): Promise<Claims> {
    refuseDpop(read.options("options", options, ["dpop"]));
    return new Claims(await settled(native.tokensVerifyFresh(this.#gate, read.token("access", access))));
  }

  /** Notes that the client has its latest pair: the lost-response window shuts. */
  async confirm(access: string): Promise<void> {
    await settled(native.tokensConfirm(this.#gate, read.token("access", access)));
  }

  /** Ends the session of a refresh token (of any generation) or of an own access token: log-out. */
  async revoke(token: string, options?: WithContext): Promise<void> {
    await settled(native.tokensRevoke(this.#gate, read.token("token", token), onlyContext(options)));
  }
}

const LOGIN = ["tenant", "subject", "client", "roles", "scope", "device", "claims", "authTime", "amr", "dpopJkt", "context"];
const DEVICE = ["id", "kind", "name", "platform", "appVersion"];
const ACCESS_ONLY = ["dpop", "client", "tenant", "deviceId", "context"];

function readLogin(login: unknown): Parameters<typeof native.tokensIssue>[1] {
  const given = read.options("login", login ?? null, LOGIN);
  return {
    subject: read.text("subject", given["subject"]),
    client: read.text("client", given["client"]),
    ...read.optional("tenant", given, read.text),
    ...read.optional("roles", given, read.texts),
    ...read.optional("scope", given, read.text),
    ...read.optional("device", given, readDevice),
    ...read.optional("claims", given, read.json),
    ...read.optional("authTime", given, read.micros),
    ...read.optional("amr", given, read.texts),
    ...read.optional("dpopJkt", given, read.text),
    ...read.optional("context", given, context),
  };
}

function readDevice(argument: string, value: unknown): Parameters<typeof native.tokensIssue>[1]["device"] & object {
  const given = read.options(argument, value, DEVICE);
  return {
    id: read.text("device.id", given["id"]),
    ...read.optional("kind", given, read.text, "device."),
    ...read.optional("name", given, read.text, "device."),
    ...read.optional("platform", given, read.text, "device."),
    ...read.optional("appVersion", given, read.text, "device."),
  };
}

function readRefresh(options: unknown, known: readonly string[]): Parameters<typeof native.tokensRefresh>[2] {
  const given = read.options("options", options, known);
  return {
    ...read.optional("retryKey", given, read.bytes),
    ...read.optional("dpop", given, readDpop),
    ...read.optional("client", given, read.text),
    ...read.optional("tenant", given, read.text),
    ...read.optional("deviceId", given, read.text),
    ...read.optional("context", given, context),
  };
}

function readDpop(argument: string, value: unknown): string {
  const given = read.options(argument, value, ["proof", "method", "url"]);
  read.text("dpop.method", given["method"]);
  read.text("dpop.url", given["url"]);
  return read.text("dpop.proof", given["proof"]);
}

/** The calls that verify take no proof in the core of this version; ignoring one would be worse than refusing it. */
function refuseDpop(given: Readonly<Record<string, unknown>>): void {
  if (given["dpop"] !== undefined && given["dpop"] !== null) throw invalidArgument("dpop", "DPoP is not in this version; leave it out");
}
