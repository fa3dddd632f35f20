import { kind, options, text } from "./arguments.js";
import { type WithContext, context } from "./context.js";
import { invalidArgument, soon } from "./errors.js";
import { type Handle, native } from "./native.js";

/** The optional arguments of the calls on lockouts. */
export interface Account extends WithContext {
  /**
   * What tells a device that the account has logged in from: a cookie or token that *your* service gave it and has verified. Such a
   * device is counted by itself, so that a stranger who locks the account does not lock its owner out.
   */
  readonly device?: string | undefined;
}

/** How an account stands. */
export interface LockoutStatus {
  /** Attempts charged in the current window. */
  readonly fails: number;
  /** How many are allowed. */
  readonly threshold: number;
  /** Until when it is locked; `undefined` if it is not. */
  readonly lockedUntil: Date | undefined;
  /** The same in milliseconds since 1970; the fraction holds the microseconds that a `Date` drops. */
  readonly lockedUntilMs: number | undefined;
  /** How many locks it has had. */
  readonly level: number;
  /** The store's clock. */
  readonly now: Date;
  /** The same in milliseconds since 1970. */
  readonly nowMs: number;
}

type NativeAttempt = Exclude<Awaited<ReturnType<typeof native.lockoutBegin>>, { failure: string }>;

/**
 * An attempt that has been charged. Check the password, then `settle`. `await using` abandons one that was not settled, and so does
 * letting go of it, once it is collected.
 */
export class Attempt {
  readonly #handle: NativeAttempt["attempt"];
  /** Which attempt of the window this is, from 1. */
  readonly n: number;
  /** Whether it is the last before the account is locked. */
  readonly last: boolean;

  /** @internal */
  constructor({ attempt, n, last }: NativeAttempt) {
    this.#handle = attempt;
    this.n = n;
    this.last = last;
  }

  /** Says whether the password was right: then the account is open and its failures are forgotten. May be called again after an error. */
  async settle(success: boolean): Promise<void> {
    if (typeof success !== "boolean") throw invalidArgument("success", `give a boolean, not ${kind(success)}`);
    await soon(() => native.attemptSettle(this.#handle, success));
  }

  /**
   * Takes the charge back: no password was checked, because the client went away or the database did not answer. Does nothing once the
   * attempt has been settled or abandoned.
   */
  async abandon(): Promise<void> {
    await soon(() => native.attemptAbandon(this.#handle));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.abandon();
  }
}

/** The calls on lockouts: `gate.lockout`. */
export class Lockout {
  readonly #gate: Handle;

  /** @internal */
  constructor(gate: Handle) {
    this.#gate = gate;
  }

  /**
   * Charges an attempt before its password is checked: of any number at once, no more than the policy's threshold are let through. Call
   * it for unknown accounts too, or an attacker learns which are known. Errors: `Locked` with `retryAfterMs`, which no attempt makes
   * longer; `LimitError` with `subject_invalid`; after `Unavailable` check no password.
   *
   * ```ts
   * await using attempt = await gate.lockout.begin("login", email);
   * const isRight = await checkPassword(email, password);
   * await attempt.settle(isRight);
   * ```
   */
  async begin(policy: string, identifier: string, options?: Account): Promise<Attempt> {
    const account = readAccount(policy, identifier, options);
    return new Attempt(await soon(() => native.lockoutBegin(this.#gate, account)));
  }

  /**
   * Forgives everything: an administrator unlocks the account, or its owner has reset the password. Attempts under way change nothing any
   * more.
   */
  async unlock(policy: string, identifier: string, options?: Account): Promise<void> {
    const account = readAccount(policy, identifier, options);
    await soon(() => native.lockoutUnlock(this.#gate, account));
  }

  /** How an account stands. Changes nothing. */
  async status(policy: string, identifier: string, options?: Account): Promise<LockoutStatus> {
    const account = readAccount(policy, identifier, options);
    const { fails, threshold, lockedUntil, level, now } = await soon(() => native.lockoutStatus(this.#gate, account));
    const lockedUntilMs = lockedUntil === undefined || lockedUntil === null ? undefined : lockedUntil / 1000;
    return {
      fails,
      threshold,
      lockedUntil: lockedUntilMs === undefined ? undefined : new Date(lockedUntilMs),
      lockedUntilMs,
      level,
      now: new Date(now / 1000),
      nowMs: now / 1000,
    };
  }
}

function readAccount(policy: unknown, identifier: unknown, given: unknown): Parameters<typeof native.lockoutBegin>[1] {
  const account: Parameters<typeof native.lockoutBegin>[1] = { policy: text("policy", policy), identifier: text("identifier", identifier) };
  const { device, context: known } = options("options", given, ["device", "context"]);
  if (device !== undefined && device !== null) account.device = text("options.device", device);
  if (known !== undefined && known !== null) account.context = context("context", known);
  return account;
}
