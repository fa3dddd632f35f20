/* Generated from src by napi build; do not edit. */

/* What handles stand for: opaque here. */
interface Gate { readonly handle: 'gate' }
interface Clock { readonly handle: 'clock' }
interface Claim { readonly handle: 'claim' }
interface Guard { readonly handle: 'guard' }
interface Permit { readonly handle: 'permit' }
interface Attempt { readonly handle: 'attempt' }
interface Accumulator { readonly handle: 'accumulator' }
interface Report { readonly handle: 'report' }


export declare class ExternalObject<T> {
  readonly '': {
    readonly '': unique symbol
    [K: symbol]: T
  }
}

/**
 * Which binding artifact the generated loader actually loaded: `'native'` for
 * a native addon, otherwise the `platformArchABI` of the WASI flavor. Every
 * flavor napi-rs can build is listed, because `NAPI_RS_NATIVE_LIBRARY_PATH`
 * can point the loader at a WASI artifact this package does not build itself.
 */
export declare const __napiBindingTarget: 'native' | 'wasm32-wasi' | 'wasm32-wasip1'

/** Whose account, and what is known of the request. */
export interface Account {
  policy: string
  identifier: string
  device?: string
  context?: Context
}

/** Times are in microseconds since 1970. */
export interface AccountStatus {
  fails: number
  threshold: number
  lockedUntil?: number
  level: number
  now: number
}

export declare function attemptAbandon(attempt: ExternalObject<Attempt>): void | Failure | Promise<void | Failure>

export declare function attemptSettle(attempt: ExternalObject<Attempt>, success: boolean): void | Failure | Promise<void | Failure>

/** What has begun: a guard, or the answer of an earlier run. */
export interface Begun {
  outcome: 'execute' | 'resume' | 'replay'
  guard?: ExternalObject<Guard>
  fence?: number
  attempt?: number
  maxStoredBody?: number
  checkpoint?: Checkpoint
  response?: SentResponse
}

export interface BegunAttempt {
  n: number
  last: boolean
  attempt: ExternalObject<Attempt>
}

/** What was checked, as text, and the operation that the message began. */
export interface BegunMessage {
  checked: string
  begun: Begun
}

export interface Checkpoint {
  name: string
  data: Uint8Array
}

export interface Context {
  requestId?: string
  traceId?: string
  method?: string
  endpoint?: string
  ip?: string
  userAgent?: string
}

export interface Device {
  id: string
  kind?: string
  name?: string
  platform?: string
  appVersion?: string
}

export declare function epochsBumpAll(gate: ExternalObject<Gate>, reason: string, given?: Context | undefined | null): Promise<number | Failure>

export declare function epochsBumpSubject(gate: ExternalObject<Gate>, tenant: string, subject: string, reason: string, given?: Context | undefined | null): Promise<number | Failure>

export declare function epochsBumpTenant(gate: ExternalObject<Gate>, tenant: string, reason: string, given?: Context | undefined | null): Promise<number | Failure>

/** What is left of an error in JavaScript, as far as a client may see it. */
export interface ErrorParts {
  code: string
  message: string
  retryAfterMs?: number
  responseStatus?: number
  bodyDigest?: Uint8Array
  serverTimeMs?: number
}

/** One row of the table of error codes. */
export interface ErrorRow {
  domain: string
  code: string
  status: number
  publicCode: string
  retryable: boolean
  advice: string
  nextAction: string
}

/** Every error code of this version. */
export declare function errorTable(): Array<ErrorRow>

/** A refused call. */
export interface Failure {
  /** The error as the text of a JSON object: one value across the border instead of ten. */
  failure: string
  /** The answer to send in its place, where the error carries one. */
  response?: SentResponse
}

export declare function gateClose(gate: ExternalObject<Gate>): Promise<void | Failure>

export declare function gateHealth(gate: ExternalObject<Gate>): Promise<void | Failure>

/** Calls `listener` with each event, as the text of a JSON object. It does not keep the process alive. */
export declare function gateOnEvent(gate: ExternalObject<Gate>, listener: (event: string) => void): void

export declare function gateOpen(source: PolicySource): Promise<ExternalObject<Gate> | Failure>

/** The answer to send for an error. */
export declare function gateProblem(gate: ExternalObject<Gate>, error: ErrorParts): SentResponse

/** How many expired records were deleted. */
export declare function gateSweep(gate: ExternalObject<Gate>): Promise<number | Failure>

/** What a failure of the handler comes to. */
export declare function guardAbandon(guard: ExternalObject<Guard>): void | Failure | Promise<void | Failure>

export declare function guardCheckpoint(guard: ExternalObject<Guard>, name: string, data: Uint8Array): void | Failure | Promise<void | Failure>

/** What is to be sent, or `null` for the answer that was given. */
export declare function guardComplete(guard: ExternalObject<Guard>, status: number, headers: string, body: Uint8Array, asGiven?: 'store' | 'release' | undefined | null): SentResponse | null | Failure | Promise<SentResponse | null | Failure>

/** Whether the store knows of it. */
export declare function guardCompleteStreamed(guard: ExternalObject<Guard>, status: number, bodySha256: Uint8Array, asGiven?: 'store' | 'release' | undefined | null): boolean | Failure | Promise<boolean | Failure>

export declare function guardMarkEffects(guard: ExternalObject<Guard>): void | Failure | Promise<void | Failure>

export declare function guardRelease(guard: ExternalObject<Guard>): void | Failure | Promise<void | Failure>

export declare function guardRenew(guard: ExternalObject<Guard>): void | Failure | Promise<void | Failure>

export interface HeaderBytes {
  name: string
  value: Uint8Array
}

export declare function idempotencyBegin(gate: ExternalObject<Gate>, request: IdempotentRequest, body?: Uint8Array | undefined | null, fingerprint?: Uint8Array | undefined | null): Begun | Failure | Promise<Begun | Failure>

/** What glue answers to a body beyond its limit. */
export declare function idempotencyBodyTooLarge(): Failure

/** Whether these lines are a key, for glue that would else wait for a body in vain. */
export declare function idempotencyCheckKey(lines: Array<Uint8Array>): void | Failure

/** A key for a new operation. */
export declare function idempotencyNewKey(gate: ExternalObject<Gate>): string | Failure

export declare function idempotencyNextAction(gate: ExternalObject<Gate>, status: number, code?: string | undefined | null): string

/** Whose an operation is and how requests are told apart, but for its bytes. */
export interface IdempotentRequest {
  /** The one header line, or any number of lines. */
  key: string | Array<Uint8Array>
  tenant: string
  principal: string
  method: string
  path: string
  contentType?: string
  query?: string
  route?: string
  context?: Context
}

export declare function kpiAccumulator(kind: 'integer' | 'f64' | 'histogram'): ExternalObject<Accumulator>

/** Adds all, or none if one cannot be added. */
export declare function kpiAdd(accumulator: ExternalObject<Accumulator>, real: Float64Array | undefined | null, whole: BigUint64Array | undefined | null, signed: boolean, missing: number): void | Failure

/** How many were added, and how many were missing. */
export declare function kpiCounts(accumulator: ExternalObject<Accumulator>): Array<number>

/** A figure of the text of a JSON object. */
export declare function kpiEvaluate(method: string, arguments: string): string | Failure

/** A figure of one list of numbers and the text of a JSON object with the rest. `signed` says that `whole` are the bits of signed ones. */
export declare function kpiEvaluateList(method: string, field: string, real: Float64Array | undefined | null, whole: BigUint64Array | undefined | null, signed: boolean, missing: number, arguments: string): string | Failure

export declare function kpiFromBytes(kind: 'integer' | 'f64' | 'histogram', bytes: Uint8Array): ExternalObject<Accumulator> | Failure

/** Adds all that another of the same kind has. */
export declare function kpiMerge(accumulator: ExternalObject<Accumulator>, other: ExternalObject<Accumulator>): void | Failure

/** The ids of all figures. */
export declare function kpiMethods(): Array<string>

/** A quantile of a histogram: the text of a JSON object. */
export declare function kpiQuantile(accumulator: ExternalObject<Accumulator>, p: number): string | Failure

/** A report on rows and targets. */
export declare function kpiReport(rows: string, targets?: string | undefined | null): ExternalObject<Report> | Failure

export declare function kpiReportCsv(report: ExternalObject<Report>): string

export declare function kpiReportHtml(report: ExternalObject<Report>, title: string, locale: string): string

export declare function kpiReportJson(report: ExternalObject<Report>): string

/** A report on a table of text (CSV) and targets. */
export declare function kpiReportTable(table: Uint8Array, targets?: string | undefined | null): ExternalObject<Report> | Failure

/** What was added comes to: the text of a JSON object. */
export declare function kpiSnapshot(accumulator: ExternalObject<Accumulator>): string | Failure

export declare function kpiToBytes(accumulator: ExternalObject<Accumulator>): Uint8Array

export declare function limitsAllowLocal(gate: ExternalObject<Gate>, policy: string, subject: string, cost: number, given?: Context | undefined | null): boolean | Failure

export declare function limitsCheck(gate: ExternalObject<Gate>, policy: string, subject: string, cost: number, given?: Context | undefined | null): string | Failure | Promise<string | Failure>

export declare function limitsCheckAll(gate: ExternalObject<Gate>, bundle: Array<Wanted>, given?: Context | undefined | null): string | Failure | Promise<string | Failure>

export declare function limitsCheckLocal(gate: ExternalObject<Gate>, policy: string, subject: string, cost: number, given?: Context | undefined | null): string | Failure

/** Pairs of name and value: the text of a JSON array. */
export declare function limitsHeaders(gate: ExternalObject<Gate>, packed: string): string | Failure

/** What another server says of its limits: the text of a JSON object. */
export declare function limitsParseHeaders(gate: ExternalObject<Gate>, given: string | Array<HeaderBytes>): string

export declare function limitsPeek(gate: ExternalObject<Gate>, policy: string, subject: string, given?: Context | undefined | null): string | Failure | Promise<string | Failure>

/** The permit of a decision of this gate. */
export declare function limitsPermit(gate: ExternalObject<Gate>, packed: string): ExternalObject<Permit> | Failure

export declare function limitsProblem(gate: ExternalObject<Gate>, packed: string): SentResponse | Failure

export declare function limitsRefund(gate: ExternalObject<Gate>, permit: ExternalObject<Permit>, cost: number): string | Failure | Promise<string | Failure>

/** `max_wait` is in microseconds. */
export declare function limitsReserve(gate: ExternalObject<Gate>, policy: string, subject: string, cost: number, maxWait: number, given?: Context | undefined | null): Reserved | Failure | Promise<Reserved | Failure>

export declare function limitsReset(gate: ExternalObject<Gate>, policy: string, subject: string, given?: Context | undefined | null): string | Failure | Promise<string | Failure>

/** Waits for the turn of a reservation; of another decision there is nothing to wait for. */
export declare function limitsWait(gate: ExternalObject<Gate>, permit?: ExternalObject<Permit> | undefined): void | Failure | Promise<void | Failure>

export declare function localLimitAllow(number: number, subject: string, cost: number): boolean | Failure

export declare function localLimitCheck(number: number, subject: string, cost: number): string | Failure

/** Lets go of policies. */
export declare function localLimitDrop(numbers: Array<number>): void

/** Finds a policy; the number stands for it until it is let go of. */
export declare function localLimitFind(gate: ExternalObject<Gate>, policy: string): number | Failure

export declare function lockoutBegin(gate: ExternalObject<Gate>, account: Account): BegunAttempt | Failure | Promise<BegunAttempt | Failure>

export declare function lockoutStatus(gate: ExternalObject<Gate>, account: Account): AccountStatus | Failure | Promise<AccountStatus | Failure>

export declare function lockoutUnlock(gate: ExternalObject<Gate>, account: Account): void | Failure | Promise<void | Failure>

export interface Login {
  tenant?: string
  subject: string
  client: string
  roles?: Array<string>
  scope?: string
  device?: Device
  /** The text of a JSON object. */
  claims?: string
  /** Microseconds since 1970. */
  authTime?: number
  amr?: Array<string>
  dpopJkt?: string
  context?: Context
}

export declare function permitIsSpent(permit: ExternalObject<Permit>): boolean

/** Where a policy comes from. */
export interface PolicySource {
  /** A file. */
  path?: string
  /** A text: TOML or JSON. */
  text?: string
  /** Whether `text` was written from an object, so that its lines mean nothing to the caller. */
  data?: boolean
}

export interface Refresh {
  retryKey?: Uint8Array
  dpop?: string
  client?: string
  tenant?: string
  deviceId?: string
  context?: Context
}

export interface RequestLine {
  method: string
  url: string
}

/** A reservation, and its permit, which knows when it may be used: a packed one does not. */
export interface Reserved {
  decision: string
  permit?: ExternalObject<Permit>
}

/** A response that leaves. */
export interface SentResponse {
  status: number
  /** Names and values in turn: the text of a JSON array. */
  headers: string
  /** A short one as a text of Latin-1, which crosses the border at a fraction of the cost of bytes. */
  body: string | Uint8Array
}

export declare function sessionsRevoke(gate: ExternalObject<Gate>, tenant: string, subject: string, sessionId: string, given?: Context | undefined | null): Promise<void | Failure>

export declare function sessionsRevokeAll(gate: ExternalObject<Gate>, tenant: string, subject: string, given?: Context | undefined | null): Promise<number | Failure>

export declare function sessionsRevokeOthers(gate: ExternalObject<Gate>, tenant: string, subject: string, keep: string, given?: Context | undefined | null): Promise<number | Failure>

export interface Sign {
  id?: string
  nonce?: string
  request?: RequestLine
}

/** A clock that shows this instant, in microseconds since 1970. */
export declare function testingClock(now: number): ExternalObject<Clock>

export declare function testingOpen(source: PolicySource, clock?: ExternalObject<Clock> | undefined | null, seed?: Uint8Array | undefined | null, environment?: Record<string, string> | undefined | null): Promise<ExternalObject<Gate> | Failure>

/** Panics, so that a test can see that the process survives it. */
export declare function testingPanic(): void

/** Panics in a promise. */
export declare function testingPanicLater(): Promise<void | Failure>

/** A decision written as a JSON object, for what is made of decisions; `null` for a text that is none. */
export declare function testingReadDecision(text: string): string | null

export declare function testingRefreshView(gate: ExternalObject<Gate>): Promise<void | Failure>

/** Opens another policy, given as text, on the store, clock and entropy of a gate. */
export declare function testingReopen(gate: ExternalObject<Gate>, text: string): Promise<ExternalObject<Gate> | Failure>

export declare function testingSetClock(clock: ExternalObject<Clock>, now: number): void

/** Verifies a compact JWS of a published suite; gives its payload. Each key is the text of a JSON object. */
export declare function testingVerifyJws(keys: Array<string>, jws: string): Uint8Array | Failure

export interface TokenPair {
  accessToken: string
  refreshToken?: string
  tokenType: string
  expiresIn: number
  sessionId: string
  outcome: string
  serverTimeMs: number
}

export declare function tokensConfirm(gate: ExternalObject<Gate>, access: string): Promise<void | Failure>

export declare function tokensIssue(gate: ExternalObject<Gate>, login: Login): Promise<TokenPair | Failure>

export declare function tokensRefresh(gate: ExternalObject<Gate>, token: string, options: Refresh): Promise<TokenPair | Failure>

export declare function tokensRefreshAccessOnly(gate: ExternalObject<Gate>, token: string, options: Refresh): Promise<TokenPair | Failure>

export declare function tokensRevoke(gate: ExternalObject<Gate>, token: string, given?: Context | undefined | null): Promise<void | Failure>

/** The claims as text. */
export declare function tokensVerify(gate: ExternalObject<Gate>, access: string, issuer?: string | undefined | null): string | Failure

/** The claims as text. */
export declare function tokensVerifyFresh(gate: ExternalObject<Gate>, access: string): Promise<string | Failure>

export declare function verifiedCommit(claim: ExternalObject<Claim>): Promise<void | Failure>

/** A verified message: what was checked, as text, and the handle of its claim. */
export interface VerifiedMessage {
  checked: string
  duplicate: boolean
  claim: ExternalObject<Claim>
}

export declare function verifiedRelease(claim: ExternalObject<Claim>): Promise<void | Failure>

/** One of several that are asked for together. */
export interface Wanted {
  policy: string
  subject: string
  cost: number
}

export declare function webhooksBegin(gate: ExternalObject<Gate>, endpoint: string, given: string | Array<HeaderBytes>, body: Uint8Array, request?: RequestLine | undefined | null, contextGiven?: Context | undefined | null): BegunMessage | Failure | Promise<BegunMessage | Failure>

/** What was checked, as text. */
export declare function webhooksCheck(gate: ExternalObject<Gate>, endpoint: string, given: string | Array<HeaderBytes>, body: Uint8Array, request?: RequestLine | undefined | null): string | Failure

/** The headers to send: the text of a JSON array of pairs. */
export declare function webhooksSign(gate: ExternalObject<Gate>, endpoint: string, body: Uint8Array, options?: Sign | undefined | null): string | Failure

export declare function webhooksVerify(gate: ExternalObject<Gate>, endpoint: string, given: string | Array<HeaderBytes>, body: Uint8Array, request?: RequestLine | undefined | null, contextGiven?: Context | undefined | null): Promise<VerifiedMessage | Failure>
