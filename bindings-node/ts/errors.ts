/** The classes of errors: one per domain, and one for each code that programs branch on. */
import { native } from "./native.js";
import { type NativeResponse, type Response, responseOf } from "./response.js";

/** What the caller of a failed request should do. */
export type Advice = "change" | "log_in" | "new_key" | "no" | "re_sign" | "reconcile" | "refresh" | "yes";

/**
 * What a client does with its idempotency key after an answer: `reuse`, the same request with the same key at once; `wait`, the
 * same after `Retry-After`; `rotate`, the outcome is definite, so the next request takes a new key; `reconcile`, look what came of
 * the operation before another is begun.
 */
export type NextAction = "reconcile" | "reuse" | "rotate" | "wait";

/** A row of the table of error codes; the table itself is {@link errorCodes}. */
export interface ErrorCode {
  readonly domain: string;
  readonly code: string;
  /** HTTP status; 0 where there is no HTTP answer. */
  readonly status: number;
  /** What a client may see; empty where there is no answer. */
  readonly publicCode: string;
  readonly retryable: boolean;
  readonly advice: Advice;
  /** What a client that gets this answer does with its idempotency key. */
  readonly nextAction: NextAction;
}

/** A fault of a policy document. */
export interface Problem {
  /** The policy file; `undefined` for a policy given as text or object. */
  readonly file: string | undefined;
  /** The line, from 1; `undefined` for a policy given as an object. */
  readonly line: number | undefined;
  /** The full path of the member, as `tokens.signing_keys[1].secret`. */
  readonly field: string;
  /** A sentence that says what to write. */
  readonly mend: string;
}

interface Fields {
  code: string;
  message: string;
  retryAfterMs?: number;
  reason?: string;
  clearCookies?: boolean;
  serverTimeMs?: number;
  problems?: { file?: string; line?: number; field: string; mend: string }[];
  responseStatus?: number;
  bodyDigest?: number[];
}

const rows: ReadonlyMap<string, ErrorCode> = new Map(
  native.errorTable().map((row) => [row.code, Object.freeze({ ...row, advice: row.advice as Advice, nextAction: row.nextAction as NextAction })]),
);

/** Every error code of this version, as in `tests/errors.json`. */
export function errorCodes(): ErrorCode[] {
  return [...rows.values()];
}

/**
 * Any failure of Gatewright. `code` tells which: it is stable, the message is not.
 *
 * ```ts
 * try {
 *   gate.tokens.verify(token);
 * } catch (error) {
 *   if (!(error instanceof GatewrightError)) throw error;
 *   response.status(error.status).json({ error: error.publicCode });
 * }
 * ```
 */
export class GatewrightError extends Error {
  /** The stable code, for the program and the log. */
  readonly code: string;
  /** The HTTP status of this error; 0 where it has no HTTP answer. */
  readonly status: number;
  /** The code that a client may see. */
  readonly publicCode: string;
  /** Whether the same request may be sent again. */
  readonly retryable: boolean;
  /** What the caller should do. */
  readonly advice: Advice;
  /** How long to wait before the next try, in milliseconds, where that is known. */
  readonly retryAfterMs: number | undefined;
  /** Why a session is over: `logged_out`, `reuse`, `admin`, `epoch`, `absolute`, `idle`, `generations`. */
  readonly reason: string | undefined;
  /** For a refused refresh: whether the client's cookies should be cleared. */
  readonly clearCookies: boolean | undefined;
  /** For a webhook outside its window: the server's time, in milliseconds since 1970. */
  readonly serverTimeMs: number | undefined;
  /** The problems of a policy document, in file order; empty for any other error. */
  readonly problems: readonly Problem[];
  /** Of `stale`: what the winner answered, if it has and the answer is kept. Send this in place of an own answer. */
  readonly response: Response | undefined;
  /** Of `response_unavailable`: the HTTP status that was answered. */
  readonly responseStatus: number | undefined;
  /** Of `response_unavailable`: the SHA-256 of the body that was answered, 32 bytes. */
  readonly bodyDigest: Uint8Array | undefined;

  /** @internal */
  constructor(fields: Fields, response?: Response) {
    super(fields.message);
    const row = rows.get(fields.code);
    this.code = fields.code;
    this.status = row?.status ?? 500;
    this.publicCode = row?.publicCode ?? "internal";
    this.retryable = row?.retryable ?? false;
    this.advice = row?.advice ?? "no";
    this.retryAfterMs = fields.retryAfterMs;
    this.reason = fields.reason;
    this.clearCookies = fields.clearCookies;
    this.serverTimeMs = fields.serverTimeMs;
    const problems = fields.problems ?? [];
    this.problems = Object.freeze(
      problems.map((problem) => Object.freeze({ ...problem, file: problem.file, line: problem.line })),
    );
    this.response = response;
    this.responseStatus = fields.responseStatus;
    this.bodyDigest = fields.bodyDigest === undefined ? undefined : Uint8Array.from(fields.bodyDigest);
  }

  static {
    // On the prototype, as for the errors of the language: the name is no field of each instance.
    Object.defineProperty(this.prototype, "name", {
      get(this: Error) {
        return this.constructor.name;
      },
      configurable: true,
    });
  }
}

/** An access token was refused: the codes that begin with `jwt_`; and the tokens' other refusals below. */
export class TokenError extends GatewrightError {}
/** `jwt_expired`: a token that is right in every other respect. Refresh it. */
export class TokenExpired extends TokenError {}
/** A proof of possession is missing or wrong: the codes that begin with `dpop_`. */
export class DpopError extends TokenError {}
/** A refresh token was refused. */
export class RefreshError extends TokenError {}
/** `reuse`: an old refresh token was presented again, and the session has been ended on suspicion of theft. */
export class ReuseDetected extends RefreshError {}
/** A key given to a call cannot be used: the codes that begin with `key_`. */
export class KeyMaterialError extends GatewrightError {}
/** `session_not_found`. */
export class SessionError extends GatewrightError {}
/** A webhook was refused. */
export class WebhookError extends GatewrightError {}
/** `replayed`: this message has been used already. */
export class Replayed extends WebhookError {}
/** `in_progress`: the same message or request is being handled; it may be sent again, with the same key, after `retryAfterMs`. */
export class InProgress extends GatewrightError {}
/** `body_too_large`: of a webhook, or of a request whose body is to be compared as JSON. */
export class BodyTooLarge extends GatewrightError {}
/** An idempotent request was not run, and not replayed either. */
export class IdempotencyError extends GatewrightError {}
/** `idempotency_key_reused`: the key was used for another request. */
export class KeyReused extends IdempotencyError {}
/** `outcome_unknown`: whoever handled the request stopped in the middle, after its effects were marked. Look what came of it. */
export class OutcomeUnknown extends IdempotencyError {}
/** `response_unavailable`: the request was carried out, and its answer is not kept. See `responseStatus` and `bodyDigest`. */
export class ResponseUnavailable extends IdempotencyError {
  declare readonly responseStatus: number;
  declare readonly bodyDigest: Uint8Array;
}
/** `stale`: another worker has taken the operation over. Send `response`, the winner's, where there is one. */
export class Stale extends IdempotencyError {}
/** A request to the limits or the lockout cannot be decided, or was refused. */
export class LimitError extends GatewrightError {}
/** `rate_limited`: too many requests; send it again after `retryAfterMs`. Only glue throws it: calls give a decision. */
export class RateLimited extends LimitError {}
/** `locked`: too many failed attempts; the account opens after `retryAfterMs`, or is unlocked. Check no password. */
export class Locked extends LimitError {}
/** A figure cannot be computed of such input. Too little data is no error: such a figure is `undefined`. */
export class KpiError extends GatewrightError {}
/** `config_invalid`: the policy document cannot be used, or does not provide for the call. See `problems`. */
export class ConfigError extends GatewrightError {}
/** `unavailable`: the store did not answer. Nothing was consumed; send the same request again. */
export class Unavailable extends GatewrightError {}
/** `invalid_argument`: an argument is out of its range or of a wrong type. */
export class InvalidArgument extends GatewrightError {}
/** `closed`: the gate has been closed. */
export class Closed extends GatewrightError {}
/** `record_unreadable`: another version wrote a stored record, or it is damaged. */
export class RecordUnreadable extends GatewrightError {}
/** `internal`: a fault of this library, never of the input. */
export class InternalError extends GatewrightError {}

type ErrorClass = new (fields: Fields, response?: Response) => GatewrightError;

const byCode: Readonly<Record<string, ErrorClass>> = {
  body_too_large: BodyTooLarge,
  closed: Closed,
  config_invalid: ConfigError,
  idempotency_key_reused: KeyReused,
  in_progress: InProgress,
  internal: InternalError,
  invalid_argument: InvalidArgument,
  jwt_expired: TokenExpired,
  locked: Locked,
  outcome_unknown: OutcomeUnknown,
  rate_limited: RateLimited,
  record_unreadable: RecordUnreadable,
  replayed: Replayed,
  response_unavailable: ResponseUnavailable,
  reuse: ReuseDetected,
  stale: Stale,
  unavailable: Unavailable,
};

const byDomain: Readonly<Record<string, ErrorClass>> = {
  dpop: DpopError,
  idempotency: IdempotencyError,
  keys: KeyMaterialError,
  kpi: KpiError,
  limits: LimitError,
  refresh: RefreshError,
  sessions: SessionError,
  tokens: TokenError,
  webhooks: WebhookError,
};

function toError({ failure, response }: Failure): GatewrightError {
  const fields = JSON.parse(failure) as Fields;
  const Class = byCode[fields.code] ?? byDomain[rows.get(fields.code)?.domain ?? ""] ?? GatewrightError;
  return new Class(fields, response === undefined ? undefined : responseOf(response));
}

/** @internal The error of a wrong argument; the mend is a sentence without its subject. */
export function invalidArgument(argument: string, mend: string): InvalidArgument {
  return new InvalidArgument({ code: "invalid_argument", message: `${argument}: ${mend}` });
}

interface Failure {
  failure: string;
  response?: NativeResponse;
}

/** @internal The value of an answer; a failure is thrown, with the stack of the caller. */
export function settle<T>(answer: T | Failure): T {
  if (typeof answer === "object" && answer !== null && "failure" in answer) {
    throw toError(answer);
  }
  return answer as T;
}

/** @internal As {@link settle}. What rejects a native promise is a panic, which must not show its text to a client. */
export function settled<T>(answer: Promise<T | Failure>): Promise<T> {
  return soon(() => answer);
}

/** @internal As {@link settled}, for a native call that answers at once where it can. */
export async function soon<T>(native: () => T | Failure | Promise<T | Failure>): Promise<T> {
  let outcome: T | Failure;
  try {
    const answer = native();
    outcome = answer instanceof Promise ? await answer : answer;
  } catch (cause) {
    throw internal(cause);
  }
  return settle(outcome);
}

/** @internal A synchronous native call: whatever it throws itself is a fault of ours. */
export function call<T>(native: () => T | Failure): T {
  let outcome: T | Failure;
  try {
    outcome = native();
  } catch (cause) {
    throw internal(cause);
  }
  return settle(outcome);
}

function internal(cause: unknown): InternalError {
  const error = new InternalError({ code: "internal", message: "internal error; please report it" });
  error.cause = cause;
  return error;
}
