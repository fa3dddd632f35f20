import { inspect } from "node:util";

import { call } from "./errors.js";
import { type Handle, native } from "./native.js";

/**
 * Who decided: `store`, the store that everybody shares; `local`, this process by its share of the limits, as the store did not answer;
 * `fail_open` and `fail_closed`, nobody, as the policy allows or denies then.
 */
export type Source = "fail_closed" | "fail_open" | "local" | "store";

/** How a tier counts. */
export type Algorithm = "calendar" | "concurrent" | "sliding_log" | "sliding_window" | "token_bucket";

/** The tier that matters most: of a refusal the one that refuses for longest, else the one that is nearest to refusing. */
export interface Binding {
  readonly policy: string;
  readonly tier: string;
}

/** What came of one tier. */
export interface TierDecision {
  readonly policy: string;
  /** Its id in the policy. */
  readonly id: string;
  readonly algo: Algorithm;
  /** Units a period. */
  readonly limit: number;
  /** Units that can be taken at once; the limit of all but token buckets. */
  readonly burst: number;
  /** Its period in microseconds: of a calendar the length of the current hour, day or month, 0 of concurrency. */
  readonly periodUs: number;
  /** Units that can be taken now. */
  readonly remaining: number;
  /** `burst` − `remaining`. */
  readonly used: number;
  /** Microseconds until one unit more remains; 0 if all do. */
  readonly nextUnitUs: number;
  /** When nothing is taken any more, in microseconds since 1970. */
  readonly fullAtUs: number;
  /** Microseconds until this tier would allow the request; 0 if it did. */
  readonly retryAfterUs: number;
  readonly allowed: boolean;
}

const SOURCES: readonly Source[] = ["store", "local", "fail_open", "fail_closed"];
const ALGORITHMS: readonly Algorithm[] = ["token_bucket", "sliding_log", "sliding_window", "calendar", "concurrent"];

// Where the members stand: see `packed.rs` of the core.
const COUNT = 1;
const BINDING = 2;
const COST = 3;
const NOW = 7;
const RETRY = 15;
const WAIT = 23;
const TIERS = 31;
const TIER_HEAD = 53;
const ALLOWED = 1;
const COMPENSATED = 8;
const HAS_WAIT = 16;
const HAS_PERMIT = 32;
const TIER_ALLOWED = 128;

/**
 * The answer to a call on limits. A refusal is an answer too, never an error. It cannot be changed, and its members are read on demand.
 *
 * ```ts
 * const decision = await gate.limits.check("tenant", "acme");
 * if (!decision.allowed) await sleep(decision.retryAfterMs);
 * ```
 */
export class Decision {
  readonly #gate: Handle;
  /** The bytes of `packed.rs`, each a character. */
  readonly #packed: string;
  /** The permit of a reservation, which knows when it may be used. */
  readonly #reserved: NativePermit | undefined;
  #tiers: readonly TierDecision[] | undefined;
  #permit: Permit | undefined;

  /** @internal */
  constructor(gate: Handle, packed: string, reserved?: NativePermit) {
    this.#gate = gate;
    this.#packed = packed;
    this.#reserved = reserved;
  }

  /** Whether the request may go on. */
  get allowed(): boolean {
    return (this.#packed.charCodeAt(0) & ALLOWED) !== 0;
  }

  /** Who decided. */
  get source(): Source {
    return SOURCES[(this.#packed.charCodeAt(0) >> 1) & 3] ?? "store";
  }

  /** When, by the clock that decided, in microseconds since 1970. */
  get nowUs(): number {
    return word(this.#packed, NOW);
  }

  /** What was asked for; of a bundle the greatest. */
  get cost(): number {
    return half(this.#packed, COST);
  }

  /** The tier that matters most. */
  get binding(): Binding {
    const tier = this.tiers[this.#packed.charCodeAt(BINDING)];
    return Object.freeze({ policy: tier?.policy ?? "", tier: tier?.id ?? "" });
  }

  /** After how many microseconds the same request would be allowed if nobody else asked; 0 if it was. */
  get retryAfterUs(): number {
    return word(this.#packed, RETRY);
  }

  /** The same in whole milliseconds, rounded up. */
  get retryAfterMs(): number {
    return Math.ceil(this.retryAfterUs / 1000);
  }

  /** For a reservation that was granted: microseconds to wait before going on, counted from `nowUs`. */
  get waitUs(): number | undefined {
    return (this.#packed.charCodeAt(0) & HAS_WAIT) === 0 ? undefined : word(this.#packed, WAIT);
  }

  /** The same in whole milliseconds, rounded up. */
  get waitMs(): number | undefined {
    const wait = this.waitUs;
    return wait === undefined ? undefined : Math.ceil(wait / 1000);
  }

  /** Every tier, in the order of the bundle and of its policies. */
  get tiers(): readonly TierDecision[] {
    return (this.#tiers ??= readTiers(this.#packed));
  }

  /** Gives back what was taken: see `gate.limits.refund`. `undefined` where nothing was. */
  get permit(): Permit | undefined {
    if ((this.#packed.charCodeAt(0) & HAS_PERMIT) === 0) return undefined;
    return (this.#permit ??= new Permit(this.#gate, this.#packed, this.cost, this.#reserved));
  }

  /** How the tiers were decided together: in one step, or one after another and given back where a later one refused. */
  get atomicity(): "atomic" | "compensated" {
    return (this.#packed.charCodeAt(0) & COMPENSATED) === 0 ? "atomic" : "compensated";
  }

  /** The decision as a plain object. */
  toJSON(): Record<string, unknown> {
    const { allowed, source, nowUs, cost, binding, retryAfterUs, waitUs, tiers, permit, atomicity } = this;
    const taken = permit && { cost: permit.cost, isSpent: permit.isSpent };
    return { allowed, source, nowUs, cost, binding, retryAfterUs, waitUs, tiers, permit: taken, atomicity };
  }

  /** @internal */
  [inspect.custom](): unknown {
    return Object.assign(Object.create({ constructor: Decision }) as object, this.toJSON());
  }

  /** @internal For the calls that take a decision. */
  static packed(decision: unknown): string | undefined {
    // Not `instanceof`: an object may have this prototype and none of these members.
    return typeof decision === "object" && decision !== null && #packed in decision ? decision.#packed : undefined;
  }

  /** @internal The native permit of a reservation. */
  static reserved(decision: Decision): NativePermit | undefined {
    return decision.#reserved;
  }
}

type NativePermit = Parameters<typeof native.permitIsSpent>[0];

/** What was taken, so that it can be given back once. Nothing is given back by letting go of it. */
export class Permit {
  readonly #gate: Handle;
  readonly #packed: string;
  #handle: NativePermit | undefined;
  /** The most that can be given back; of a bundle the greatest cost. */
  readonly cost: number;

  /** @internal */
  constructor(gate: Handle, packed: string, cost: number, handle?: NativePermit) {
    this.#gate = gate;
    this.#packed = packed;
    this.cost = cost;
    this.#handle = handle;
  }

  /** Whether it has been given back. */
  get isSpent(): boolean {
    const handle = this.#handle;
    return handle !== undefined && call(() => native.permitIsSpent(handle));
  }

  /** @internal The native permit: made when it is needed, as few are given back. */
  static handle(permit: unknown): NativePermit | undefined {
    if (typeof permit !== "object" || permit === null || !(#packed in permit)) return undefined;
    return (permit.#handle ??= call(() => native.limitsPermit(permit.#gate, permit.#packed)));
  }
}

function readTiers(packed: string): readonly TierDecision[] {
  const tiers: TierDecision[] = [];
  let at = TIERS;
  for (let count = packed.charCodeAt(COUNT); count > 0; count -= 1) {
    const head = packed.charCodeAt(at);
    const names = at + TIER_HEAD;
    const id = names + pair(packed, at + 1);
    const end = id + pair(packed, at + 3);
    tiers.push(
      Object.freeze({
        policy: name(packed.slice(names, id)),
        id: name(packed.slice(id, end)),
        algo: ALGORITHMS[head & ~TIER_ALLOWED] ?? "token_bucket",
        limit: half(packed, at + 5),
        burst: half(packed, at + 9),
        periodUs: word(packed, at + 21),
        remaining: half(packed, at + 13),
        used: half(packed, at + 17),
        nextUnitUs: word(packed, at + 29),
        fullAtUs: word(packed, at + 37),
        retryAfterUs: word(packed, at + 45),
        allowed: (head & TIER_ALLOWED) !== 0,
      }),
    );
    at = end;
  }
  return Object.freeze(tiers);
}

/** A name, which is nearly always of ASCII. */
function name(bytes: string): string {
  return /^[\x00-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

function pair(packed: string, at: number): number {
  return packed.charCodeAt(at) | (packed.charCodeAt(at + 1) << 8);
}

function half(packed: string, at: number): number {
  return (pair(packed, at) | (pair(packed, at + 2) << 16)) >>> 0;
}

/** A signed number of eight bytes; all that a decision holds are below 2^53. */
function word(packed: string, at: number): number {
  return (half(packed, at + 4) | 0) * 2 ** 32 + half(packed, at);
}
