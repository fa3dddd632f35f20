/** What figures give. */

/** What a feed conversion, or a quantile, is based on. */
export type Basis = "exact" | "gain" | "histogram" | "live_weight" | (string & {});

/** Why a figure is undefined. */
export type Reason = "low_coverage" | "no_values" | "not_defined" | "too_few_values" | "zero_denominator" | (string & {});

/** The unit of a figure's value. */
export type Unit =
  | "eggs_per_hen"
  | "fraction"
  | "g"
  | "g_per_day"
  | "head_days"
  | "kg_per_m2"
  | "minor_units_per_dozen"
  | "minor_units_per_kg"
  | "per_1000_head_weeks"
  | "percent"
  | "percent_per_day"
  | "points"
  | "ratio"
  | "same_as_input"
  | (string & {});

/** What to know before a figure is compared with another. */
export type Warning =
  | "above_one"
  | "basis_gain"
  | "far_from_reference"
  | "input_missing"
  | "inventory_delta"
  | "negative_gain"
  | "small_sample"
  | (string & {});

/** One figure: a number with its method, its unit and what it rests on. Too little data is no error: then `value` is `null`. */
export class Kpi {
  /** The method, as `fcr.live_weight.v1`. Another definition has another id. */
  declare readonly id: string;
  /** The number; `null` where the figure is undefined. Never NaN or infinite. */
  declare readonly value: number | null;
  /** Whether there is a number. */
  declare readonly status: "ok" | "undefined";
  /** Why there is none. */
  declare readonly reason: Reason | null;
  /** The unit of `value`. */
  declare readonly unit: Unit;
  /** The numerator, exact, where the figure is a quotient of integers: a `bigint` beyond 2^53. */
  declare readonly num: number | bigint | null;
  /** The denominator, likewise. Parts are merged by adding numerators and denominators, never by averaging values. */
  declare readonly den: number | bigint | null;
  /** How many values the figure rests on; 1 for a figure of totals. */
  declare readonly n: number | bigint;
  /** How many values were missing. */
  declare readonly missing: number | bigint;
  /** What a feed conversion or a quantile is based on. */
  declare readonly basis: Basis | null;
  /** Of a composite: the weight of the figures that are present, of the weight of all. */
  declare readonly coverage: number | null;
  /** What to know before the number is compared with another. */
  declare readonly warnings: readonly Warning[];

  /** @internal */
  constructor(text: string) {
    Object.freeze(Object.assign(this, parse(text)));
  }

  /** A fraction times 100, for display; the value itself in any other unit. */
  percent(): number | null {
    return this.value !== null && this.unit === "fraction" ? this.value * 100 : this.value;
  }
}

/** Mean, standard deviation, 95 % confidence interval and ends of a sample; each a number or `null`. */
export class Summary {
  declare readonly id: string;
  /** The unit of the numbers. */
  declare readonly unit: Unit;
  /** How many values there are. */
  declare readonly n: number | bigint;
  /** How many values were missing. */
  declare readonly missing: number | bigint;
  declare readonly mean: number | null;
  /** The standard deviation of a sample (n − 1). */
  declare readonly sd: number | null;
  /** The lower end of the confidence interval, by Student's t. */
  declare readonly ci95Low: number | null;
  /** The upper end. */
  declare readonly ci95High: number | null;
  declare readonly min: number | null;
  declare readonly max: number | null;
  declare readonly warnings: readonly Warning[];

  /** @internal */
  constructor(text: string) {
    const { ci95_low: ci95Low, ci95_high: ci95High, ...members } = parse(text);
    Object.freeze(Object.assign(this, members, { ci95Low, ci95High }));
  }
}

/** A norm for each value: 0 to 1, or `null` for one that is missing. */
export class Norms {
  declare readonly id: string;
  declare readonly value: readonly (number | null)[];
  declare readonly unit: Unit;
  /** How many values there are. */
  declare readonly n: number | bigint;
  /** How many values were missing. */
  declare readonly missing: number | bigint;
  declare readonly warnings: readonly Warning[];

  /** @internal */
  constructor(text: string) {
    // There always are norms, be it none.
    const { status: _, ...members } = parse(text);
    Object.freeze(Object.assign(this, members));
  }
}

/** The place of a member of a cohort. */
export interface Ranked {
  readonly id: string;
  /** From 1, the same for equal scores (1, 2, 2, 4); `null` without a score. */
  readonly rank: number | null;
  readonly score: number | null;
  /** The weight of the figures that are present, of the weight of all. */
  readonly coverage: number;
}

/** @internal */
export function rankedOf(text: string): readonly Ranked[] {
  return Object.freeze((JSON.parse(text) as { value: Ranked[] }).value.map((ranked) => Object.freeze(ranked)));
}

/** Members that are whole numbers: a text of digits where a double would round them. */
const WHOLES = ["num", "den", "n", "missing"];

function parse(text: string): Record<string, unknown> {
  const members = JSON.parse(text) as Record<string, unknown>;
  for (const name of WHOLES) if (typeof members[name] === "string") members[name] = BigInt(members[name]);
  for (const member of Object.values(members)) if (Array.isArray(member)) Object.freeze(member);
  return members;
}
