/** Accumulators: values added as they come, and merged. */
import { bytes, kind, options as members } from "../arguments.js";
import { call, invalidArgument } from "../errors.js";
import { native } from "../native.js";
import { type List, type Mask, type Numbers, type Whole, readNumbers } from "./numbers.js";
import { Kpi, Summary } from "./result.js";

type Kind = Parameters<typeof native.kpiAccumulator>[0];

/** What a histogram comes to, in microseconds; each a number or `null` where there are no values. */
export interface HistogramSnapshot {
  readonly n: number;
  readonly missing: number;
  readonly mean: number | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
  /** Whether every value was kept, or they were counted in bins. */
  readonly basis: "exact" | "histogram";
}

/** What all accumulators have. */
abstract class Accumulator {
  #handle: ReturnType<typeof native.kpiAccumulator>;

  /** @internal */
  protected constructor(kind: Kind) {
    this.#handle = call(() => native.kpiAccumulator(kind));
  }

  /** Adds one value. */
  add(value: Whole): void {
    if (typeof value !== "number" && typeof value !== "bigint") throw invalidArgument("value", `give a number, not ${kind(value)}`);
    this.#add(readNumbers("value", [value]));
  }

  /** Adds a list or a typed array, or none of it if one value cannot be added. What is missing in it is counted. */
  addAll(values: Numbers, options?: { readonly mask?: Mask | undefined }): void {
    this.#add(readNumbers("values", values, members("options", options, ["mask"])["mask"]));
  }

  /** Counts values that are missing: a whole number of 0 or more, 1 if left out. */
  addMissing(count = 1): void {
    if (!Number.isSafeInteger(count) || count < 0) throw invalidArgument("count", "give a whole number of 0 or more");
    call(() => native.kpiAdd(this.#handle, undefined, undefined, false, count));
  }

  /** Adds all that another of the same kind has. */
  merge(other: this): void {
    if (!(other instanceof Accumulator) || other.constructor !== this.constructor) {
      throw invalidArgument("other", `give another ${this.constructor.name}, not ${kind(other)}`);
    }
    call(() => native.kpiMerge(this.#handle, other.#handle));
  }

  /** How many values were added. */
  get count(): number {
    return this.#counts()[0];
  }

  /** How many values were missing. */
  get missing(): number {
    return this.#counts()[1];
  }

  /** Its state in bytes, the same in every language. */
  toBytes(): Uint8Array {
    return call(() => native.kpiToBytes(this.#handle));
  }

  /** @internal Takes the state of what `toBytes` wrote. */
  protected from(kind: Kind, data: unknown): this {
    const given = bytes("data", data);
    this.#handle = call(() => native.kpiFromBytes(kind, given));
    return this;
  }

  /** @internal The text of what it comes to. */
  protected text(): string {
    return call(() => native.kpiSnapshot(this.#handle));
  }

  /** @internal */
  protected quantileText(p: number): string {
    return call(() => native.kpiQuantile(this.#handle, p));
  }

  #add({ real, whole, signed, missing }: List): void {
    call(() => native.kpiAdd(this.#handle, real, whole, signed, missing));
  }

  #counts(): [count: number, missing: number] {
    return call(() => native.kpiCounts(this.#handle)) as [number, number];
  }
}

/**
 * Exact moments of whole numbers from 0: sums that never round, so that the order of values and of merges changes no bit.
 *
 * ```ts
 * const morning = new kpi.Moments();
 * morning.addAll([1930, 2110, null]);
 * morning.snapshot().mean; // 2020
 * ```
 */
export class Moments extends Accumulator {
  constructor() {
    super("integer");
  }

  /** What they come to so far. */
  snapshot(): Summary {
    return new Summary(this.text());
  }

  /** Reads what `toBytes` wrote, in any language. */
  static fromBytes(data: Uint8Array): Moments {
    return new Moments().from("integer", data);
  }
}

/** Moments of doubles, in blocks whose order of additions is fixed: the same bits in every language. */
export class FloatMoments extends Accumulator {
  constructor() {
    super("f64");
  }

  /** What they come to so far. */
  snapshot(): Summary {
    return new Summary(this.text());
  }

  /** Reads what `toBytes` wrote, in any language. */
  static fromBytes(data: Uint8Array): FloatMoments {
    return new FloatMoments().from("f64", data);
  }
}

/** Latencies in whole microseconds: exact up to 10,000 values, then in bins of a fixed size. */
export class Histogram extends Accumulator {
  constructor() {
    super("histogram");
  }

  /** The smallest value that a share `p` of all, 0 to 1, does not pass. */
  quantile(p: number): Kpi {
    if (typeof p !== "number") throw invalidArgument("p", `give a number, not ${kind(p)}`);
    return new Kpi(this.quantileText(p));
  }

  /** What it comes to so far. */
  snapshot(): HistogramSnapshot {
    return Object.freeze(JSON.parse(this.text()) as HistogramSnapshot);
  }

  /** Reads what `toBytes` wrote, in any language. */
  static fromBytes(data: Uint8Array): Histogram {
    return new Histogram().from("histogram", data);
  }
}
