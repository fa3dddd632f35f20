import { isDate } from "node:util/types";

import { kind, micros, options, text } from "./arguments.js";
import { type WithContext, context, onlyContext } from "./context.js";
import { Decision, Permit } from "./decision.js";
import { call, invalidArgument, soon } from "./errors.js";
import { type HeadersLike, headers } from "./headers.js";
import { type Handle, native } from "./native.js";
import { type Response, responseOf } from "./response.js";
import { unlessAborted } from "./wait.js";

/** One of several limits that are asked together: an object, or the same as an array. */
export type Wanted =
  | { readonly policy: string; readonly subject: string; readonly cost?: number | undefined }
  | readonly [policy: string, subject: string, cost?: number];

/** How long a reservation may have to be waited for. */
export interface Reserve extends WithContext {
  /** Milliseconds; a fraction keeps its microseconds. */
  readonly maxWaitMs: number;
}

/** What another server says of its limits. */
export interface ServerLimits {
  /** Milliseconds before the next request, rounded up; 0: ask at once. */
  readonly waitMs: number;
  /** The same in microseconds. */
  readonly waitUs: number;
  /** The limits that are told of, in the server's order. */
  readonly limits: readonly ServerLimit[];
}

/** One limit of a server. What it does not say is `undefined`. */
export interface ServerLimit {
  /** Its name; empty where it has none, as in `X-RateLimit-*`. */
  readonly name: string;
  /** Units in a window. */
  readonly quota: number | undefined;
  /** The window, in seconds. */
  readonly windowS: number | undefined;
  /** Units that can be used now. */
  readonly remaining: number | undefined;
  /** Seconds, counted from the answer, until there are more units; of `X-RateLimit-Reset` what its server means by it. */
  readonly resetS: number | undefined;
  /** What is counted, if not requests. */
  readonly unit: string | undefined;
  /** For whom it is counted, as the server writes it. */
  readonly partitionKey: Uint8Array | undefined;
}

/** The calls on limits: `gate.limits`. */
export class Limits {
  readonly #gate: Handle;
  /** The policies in memory that were asked for: each is found once, and has a number then. */
  readonly #local = new Map<string, number>();

  /** @internal */
  constructor(gate: Handle) {
    this.#gate = gate;
    // For a gate that nobody closes.
    forgotten.register(this, this.#local);
  }

  /** @internal Lets go of what was found, at the end of the gate. */
  static close(limits: Limits): void {
    letGo(limits.#local);
  }

  /**
   * Takes `cost` units (a whole number below 2^32; 1 if left out) of every tier of a policy for a subject, or of none. A refusal is a
   * decision with `allowed = false`, never an error; a cost of 0 only looks. Errors: `LimitError` with `cost_impossible` where a tier
   * holds fewer units than that and `subject_invalid`, `InvalidArgument` for an unknown policy. A store that is down is no error: the
   * policy says what is decided then.
   *
   * ```ts
   * const decision = await gate.limits.check("tenant", "acme");
   * if (!decision.allowed) return tooMany(decision.binding.tier, decision.retryAfterMs);
   * ```
   */
  async check(policy: string, subject: string, cost?: number, options?: WithContext): Promise<Decision> {
    const [which, whose, units, about] = [text("policy", policy), text("subject", subject), readCost(cost), onlyContext(options)];
    return new Decision(this.#gate, await soon(() => native.limitsCheck(this.#gate, which, whose, units, about)));
  }

  /** What is left to a subject. Takes nothing and writes nothing. */
  async peek(policy: string, subject: string, options?: WithContext): Promise<Decision> {
    const [which, whose, about] = [text("policy", policy), text("subject", subject), onlyContext(options)];
    return new Decision(this.#gate, await soon(() => native.limitsPeek(this.#gate, which, whose, about)));
  }

  /**
   * Takes the cost of each of 1 to 16 limits, or of none. `InvalidArgument` where a policy and subject are named twice.
   *
   * ```ts
   * await gate.limits.checkAll([["tenant", "acme"], { policy: "outbound", subject: "provider", cost: 2 }]);
   * ```
   */
  async checkAll(bundle: readonly Wanted[], options?: WithContext): Promise<Decision> {
    const [wanted, about] = [readBundle(bundle), onlyContext(options)];
    return new Decision(this.#gate, await soon(() => native.limitsCheckAll(this.#gate, wanted, about)));
  }

  /**
   * Takes units ahead of time, if they will be there within `maxWaitMs` and the policy's `reserve_max_wait`: `wait`, then go on, or
   * refund the permit. First come, first served. A refused one says after what time the same call would succeed. `InvalidArgument`
   * for a policy without `reserve_max_wait`.
   *
   * ```ts
   * const decision = await gate.limits.reserve("outbound", "provider", 1, { maxWaitMs: 5000 });
   * if (!decision.allowed) throw new Error("busy");
   * await gate.limits.wait(decision, { signal });
   * ```
   */
  async reserve(policy: string, subject: string, cost: number, options: Reserve): Promise<Decision> {
    const [which, whose, units] = [text("policy", policy), text("subject", subject), readCost(cost)];
    const { maxWaitMs, context: known } = readOptions(options, ["maxWaitMs", "context"]);
    const [wait, about] = [readWait(maxWaitMs), known === undefined || known === null ? undefined : context("context", known)];
    const { decision, permit } = await soon(() => native.limitsReserve(this.#gate, which, whose, units, wait, about));
    return new Decision(this.#gate, decision, permit);
  }

  /**
   * Waits what is left of the wait of a reservation; returns at once where there is nothing to wait for, as by a clock of
   * `gatewright/testing`. If `signal` is aborted first, the permit is given back, and this rejects with the signal's reason. `Closed`, also
   * where the gate is closed meanwhile; `InvalidArgument` where the permit is given back meanwhile.
   */
  async wait(decision: Decision, options?: { readonly signal?: AbortSignal | undefined }): Promise<void> {
    readDecision(decision);
    const { signal } = readOptions(options, ["signal"]);
    if (signal !== undefined && signal !== null && !(signal instanceof AbortSignal)) {
      throw invalidArgument("options.signal", `give an AbortSignal, not ${kind(signal)}`);
    }
    try {
      signal?.throwIfAborted();
      await unlessAborted(soon(() => native.limitsWait(this.#gate, Decision.reserved(decision))), signal ?? undefined);
    } catch (reason) {
      const { permit } = decision;
      // Whoever waited has gone; what could not be given back stays taken. Whoever else waits for it hears of it, too.
      if (signal?.aborted === true && permit !== undefined) await this.refund(permit).catch(() => undefined);
      throw reason;
    }
  }

  /**
   * Gives `cost` units of a permit back (all, if left out), or less where some have come back by themselves; of a bundle at most each
   * item's cost. Once: again, it only looks. What is held (`concurrent`) and reserved always comes back, other units where the policy is
   * `refundable`. `InvalidArgument` for more than the permit's cost; after `Unavailable` the permit is spent if its store was asked, as
   * the units may have come back all the same.
   */
  async refund(permit: Permit, cost?: number): Promise<Decision> {
    const handle = Permit.handle(permit);
    if (handle === undefined) throw invalidArgument("permit", `give the permit of a decision, not ${kind(permit)}; one that took nothing has none`);
    const units = cost === undefined ? permit.cost : readCost(cost);
    return new Decision(this.#gate, await soon(() => native.limitsRefund(this.#gate, handle, units)));
  }

  /** Forgets what a subject has taken. */
  async reset(policy: string, subject: string, options?: WithContext): Promise<Decision> {
    const [which, whose, about] = [text("policy", policy), text("subject", subject), onlyContext(options)];
    return new Decision(this.#gate, await soon(() => native.limitsReset(this.#gate, which, whose, about)));
  }

  /** `check` without waiting, of limits in memory; `ConfigError` where they are in another store. Synchronous. */
  checkLocal(policy: string, subject: string, cost?: number, options?: WithContext): Decision {
    const limit = this.#local.get(policy) ?? this.#find(policy);
    const [whose, units] = [text("subject", subject), cost === undefined ? 1 : readCost(cost)];
    if (options === undefined) return new Decision(this.#gate, call(() => native.localLimitCheck(limit, whose, units)));
    const about = onlyContext(options);
    return new Decision(this.#gate, call(() => native.limitsCheckLocal(this.#gate, policy, whose, units, about)));
  }

  /** The same, and no more than whether the request may go on. Synchronous. */
  allowLocal(policy: string, subject: string, cost?: number, options?: WithContext): boolean {
    const limit = this.#local.get(policy) ?? this.#find(policy);
    const [whose, units] = [text("subject", subject), cost === undefined ? 1 : readCost(cost)];
    if (options === undefined) return call(() => native.localLimitAllow(limit, whose, units));
    const about = onlyContext(options);
    return call(() => native.limitsAllowLocal(this.#gate, policy, whose, units, about));
  }

  #find(policy: string): number {
    const name = text("policy", policy);
    const limit = call(() => native.localLimitFind(this.#gate, name));
    this.#local.set(name, limit);
    return limit;
  }

  /**
   * The headers to send with an answer: the families that `[http] rate_limit_headers` names, and of a refusal `Retry-After` in any case.
   * Synchronous.
   *
   * ```ts
   * for (const [name, value] of gate.limits.headers(decision)) response.setHeader(name, value);
   * ```
   */
  headers(decision: Decision): [name: string, value: string][] {
    const packed = readDecision(decision);
    return JSON.parse(call(() => native.limitsHeaders(this.#gate, packed))) as [string, string][];
  }

  /**
   * The answer to a request that was refused: status 429, `headers`, and a problem of the type
   * `https://iana.org/assignments/http-problem-types#quota-exceeded` whose `violated-policies` are the ids of the tiers that refused; or
   * the envelope, as `[http] errors` says. Synchronous.
   */
  problem(decision: Decision): Response {
    const packed = readDecision(decision);
    return responseOf(call(() => native.limitsProblem(this.#gate, packed)));
  }

  /**
   * For a client: what another server's answer says of its limits and when to ask again, by this gate's clock. Reads `Retry-After`,
   * `RateLimit` with `RateLimit-Policy`, and `X-RateLimit-*`; what cannot be read is ignored. Synchronous.
   *
   * ```ts
   * const { waitMs } = gate.limits.parseHeaders((await fetch(url)).headers);
   * ```
   */
  parseHeaders(given: HeadersLike): ServerLimits {
    const fields = headers(given);
    const told = JSON.parse(call(() => native.limitsParseHeaders(this.#gate, fields))) as { waitUs: number; limits: TextOfLimit[] };
    return { waitMs: Math.ceil(told.waitUs / 1000), waitUs: told.waitUs, limits: told.limits.map(serverLimit) };
  }
}

const forgotten = new FinalizationRegistry(letGo);

function letGo(local: Map<string, number>): void {
  const numbers = [...local.values()];
  local.clear();
  call(() => native.localLimitDrop(numbers));
}

type TextOfLimit = { name: string; quota?: number; windowS?: number; remaining?: number; resetS?: number; unit?: string; partitionKey?: number[] };

function serverLimit({ name, quota, windowS, remaining, resetS, unit, partitionKey }: TextOfLimit): ServerLimit {
  return { name, quota, windowS, remaining, resetS, unit, partitionKey: partitionKey === undefined ? undefined : Uint8Array.from(partitionKey) };
}

/** @internal */
export function readDecision(decision: unknown): string {
  const packed = Decision.packed(decision);
  if (packed === undefined) throw invalidArgument("decision", `give a Decision, not ${kind(decision)}`);
  return packed;
}

/** @internal */
export function readCost(value: unknown, argument = "cost"): number {
  if (value === undefined) return 1;
  if (typeof value === "number" && value >= 0 && value <= 0xffff_ffff && Number.isInteger(value)) return value;
  throw invalidArgument(argument, `give a whole number from 0 to 4294967295, not ${typeof value === "number" ? "this number" : kind(value)}`);
}

function readWait(value: unknown): number {
  if (typeof value === "number" && value >= 0) return Math.min(micros("options.maxWaitMs", Math.min(value, Number.MAX_SAFE_INTEGER / 2000)), Number.MAX_SAFE_INTEGER);
  throw invalidArgument("options.maxWaitMs", `give milliseconds, 0 or more, not ${typeof value === "number" || isDate(value) ? "this" : kind(value)}`);
}

function readBundle(bundle: unknown): Parameters<typeof native.limitsCheckAll>[1] {
  if (!Array.isArray(bundle)) throw invalidArgument("bundle", `give an array, not ${kind(bundle)}`);
  return Array.from(bundle, (wanted: unknown, index) => {
    const at = `bundle[${index}]`;
    if (Array.isArray(wanted) && wanted.length > 3) throw invalidArgument(at, "give policy, subject and cost");
    const [policy, subject, cost] = Array.isArray(wanted) ? (wanted as unknown[]) : membersOf(at, wanted);
    return { policy: text(`${at}.policy`, policy), subject: text(`${at}.subject`, subject), cost: readCost(cost, `${at}.cost`) };
  });
}

function membersOf(at: string, wanted: unknown): unknown[] {
  if (wanted === undefined) throw invalidArgument(at, "give an object or an array, not undefined");
  const { policy, subject, cost } = options(at, wanted, ["policy", "subject", "cost"]);
  return [policy, subject, cost];
}

function readOptions(value: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  return options("options", value, known);
}
