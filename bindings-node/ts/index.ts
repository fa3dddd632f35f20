export type { Instant } from "./arguments.js";
export type { Claims } from "./claims.js";
export type { Context, WithContext } from "./context.js";
export type { Algorithm, Binding, Decision, Permit, Source, TierDecision } from "./decision.js";
export type { Bump, Epochs } from "./epochs.js";
export {
  type Advice,
  BodyTooLarge,
  Closed,
  ConfigError,
  DpopError,
  type ErrorCode,
  GatewrightError,
  IdempotencyError,
  InProgress,
  InternalError,
  InvalidArgument,
  KeyMaterialError,
  KeyReused,
  KpiError,
  LimitError,
  Locked,
  type NextAction,
  OutcomeUnknown,
  type Problem,
  RateLimited,
  RecordUnreadable,
  RefreshError,
  Replayed,
  ResponseUnavailable,
  ReuseDetected,
  SessionError,
  Stale,
  TokenError,
  TokenExpired,
  Unavailable,
  WebhookError,
  errorCodes,
} from "./errors.js";
export type { Event } from "./event.js";
export { Gate, type Policy } from "./gate.js";
export type { FinishAs, FinishOptions, Guard } from "./guard.js";
export type { HeaderValue, HeadersLike } from "./headers.js";
export type { Begun, Checkpoint, Execute, Idempotency, IdempotentRequest, Replay, Resume, Scope } from "./idempotency.js";
export type { Limits, Reserve, ServerLimit, ServerLimits, Wanted } from "./limits.js";
export type { Account, Attempt, Lockout, LockoutStatus } from "./lockout.js";
export * as kpi from "./kpi/index.js";
export type { Response, ResponseLike } from "./response.js";
export type { Sessions } from "./sessions.js";
export type { Device, Dpop, Login, Outcome, Refresh, RefreshAccessOnly, TokenPair, Tokens } from "./tokens.js";
export type { BegunMessage, Checked, RequestLine, SignOptions, Verified, VerifyOptions, Webhooks } from "./webhooks.js";
