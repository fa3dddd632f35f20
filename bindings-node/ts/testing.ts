/** For tests and vectors: a clock that is set, entropy from a seed, an environment that is given. Never for production. */
import { isMap } from "node:util/types";

import { type Instant, bytes, json, kind, micros, options, text, token } from "./arguments.js";
import { Decision } from "./decision.js";
import { call, invalidArgument, settled } from "./errors.js";
import { Gate, type Policy, readPath, readPolicy } from "./gate.js";
import { native } from "./native.js";

/** A clock that stands still until it is set; it may be set back. */
export class ManualClock {
  readonly #clock: ReturnType<typeof native.testingClock>;

  /** A clock that shows this instant. */
  constructor(now: Instant) {
    this.#clock = native.testingClock(micros("now", now));
  }

  /** Sets it. */
  set(now: Instant): void {
    native.testingSetClock(this.#clock, micros("now", now));
  }

  /** @internal */
  static handle(clock: unknown): ReturnType<typeof native.testingClock> {
    if (clock instanceof ManualClock) return clock.#clock;
    throw invalidArgument("clock", `give a ManualClock, not ${kind(clock)}`);
  }
}

/** What a gate under test is given in place of the host's. */
export interface TestHost {
  /** The host's clock and, for memory and SQLite stores, the store's. */
  readonly clock?: ManualClock | undefined;
  /** Randomness: block i is SHA-256(seed ‖ u64be(i)). */
  readonly seed?: Uint8Array | undefined;
  /** All that `${NAME}` reads. */
  readonly environment?: { readonly [name: string]: string } | ReadonlyMap<string, string> | undefined;
}

/** As `Gate.open`. */
export async function open(path: string | URL, host?: TestHost): Promise<Gate> {
  return start({ path: readPath(path) }, host);
}

/** As `Gate.fromPolicy`. */
export async function fromPolicy(policy: Policy, host?: TestHost): Promise<Gate> {
  return start(readPolicy(policy), host);
}

/** Opens another policy on the store, clock and entropy of a gate; the old gate stays usable. */
export async function reopen(gate: Gate, policy: Policy): Promise<Gate> {
  return Gate.of(await settled(native.testingReopen(Gate.handle(gate), readPolicy(policy).text)));
}

/** Refreshes the local view of a gate now. */
export async function refreshView(gate: Gate): Promise<void> {
  await settled(native.testingRefreshView(Gate.handle(gate)));
}

/**
 * Verifies a compact JWS of a published suite and gives its payload: all rules on size, form, header and signature, none on
 * claims. Each key is a JWK or `{kid, alg, secret}`, as an object or as its text.
 */
export function verifyJws(keys: readonly (string | object)[], jws: string): Uint8Array {
  if (!Array.isArray(keys)) throw invalidArgument("keys", `give an array, not ${kind(keys)}`);
  const given = Array.from(keys, (key: unknown, index) => (typeof key === "string" ? key : json(`keys[${index}]`, key)));
  const signed = token("jws", jws);
  return call(() => native.testingVerifyJws(given, signed));
}

/**
 * A decision written by hand, to see what is made of it: the members of `Decision` by their names in snake_case, as an object or as its JSON
 * text. What is left out is what it would be of a tier that allowed and of which nothing is taken. It has no permit.
 */
export function readDecision(gate: Gate, decision: string | object): Decision {
  const handle = Gate.handle(gate);
  const written = typeof decision === "string" ? text("decision", decision) : json("decision", decision);
  const packed = call(() => native.testingReadDecision(written));
  if (packed === null) throw invalidArgument("decision", "give an object with members of a decision");
  return new Decision(handle, packed);
}

async function start(source: Parameters<typeof native.testingOpen>[0], host: unknown): Promise<Gate> {
  const given = options("host", host, ["clock", "seed", "environment"]);
  const clock = given["clock"] === undefined ? undefined : ManualClock.handle(given["clock"]);
  const seed = given["seed"] === undefined ? undefined : bytes("seed", given["seed"]);
  const environment = given["environment"] === undefined ? undefined : variables(given["environment"]);
  return Gate.of(await settled(native.testingOpen(source, clock, seed, environment)));
}

function variables(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) throw invalidArgument("environment", `give an object of strings, not ${kind(value)}`);
  const entries = isMap(value) ? [...value.entries()] : Object.entries(value);
  return Object.fromEntries(entries.map(([name, content]) => [text("environment", name), text(`environment.${String(name)}`, content)]));
}
