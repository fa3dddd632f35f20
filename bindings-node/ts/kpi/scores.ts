/** Scores, targets and cohorts. */
import { evaluate, names } from "./evaluate.js";
import type { Numbers } from "./numbers.js";
import { Kpi, Norms, type Ranked, rankedOf } from "./result.js";
import type { Member, Named, Quantity, Weight } from "./rows.js";

const HEALTH_FARM = names("mortality morbidity treatment");
const DEVIATION = names("actual target");
const NORM_MIN_MAX = names("values lower_is_better");
const SCORE_COMPOSITE = names("norms weights min_coverage");
const RANK = names("cohort weights");

/** The arguments of `healthFarm`. */
export interface HealthFarmInput {
  readonly mortality: number;
  readonly morbidity: number;
  readonly treatment: number;
}

/**
 * The farm's health score of 0 to 100 points, from three fractions. 0.4 · (100 − 1000 · mortality) + 0.3 · (100 − 100 · morbidity) + 0.3 ·
 * (100 − 100 · treatment), none below 0.
 */
export function healthFarm(given: HealthFarmInput): Kpi {
  return new Kpi(evaluate("health.farm.v1", HEALTH_FARM, given));
}

/** The arguments of `deviation`. */
export interface DeviationInput {
  readonly actual: Kpi | Quantity | number | null;
  readonly target: Kpi | Quantity | number | null;
}

/**
 * How far a figure is from its target: (actual − target) / |target|, a signed fraction. Two `Kpi`s, two numbers, or two quantities `{
 * value, unit }`; two units are `kpi_unit_mismatch`. Undefined for a target of 0.
 *
 * ```ts
 * const gain = kpi.adgFromZero({ weightG: 2257, ageDays: 37 });
 * kpi.deviation({ actual: gain, target: { value: 65, unit: "g_per_day" } }).value; // −0.0615…
 * ```
 */
export function deviation(given: DeviationInput): Kpi {
  return new Kpi(evaluate("deviation.v1", DEVIATION, given));
}

/** The arguments of `normMinMax`. */
export interface NormMinMaxInput {
  readonly values: Numbers;
  readonly lowerIsBetter?: boolean | undefined;
}

/**
 * Each value's place between the least and the greatest, 0 to 1; 0.5 where all are equal. Gives `Norms`. A missing value stays missing.
 */
export function normMinMax(given: NormMinMaxInput): Norms {
  return new Norms(evaluate("norm.min_max.v1", NORM_MIN_MAX, given));
}

/** The arguments of `scoreComposite`. */
export interface ScoreCompositeInput {
  readonly norms: Named<number | null>;
  readonly weights: Named<number>;
  readonly minCoverage?: number | undefined;
}

/**
 * The weighted mean of the norms that are present, with the `coverage` of their weights. Both are objects (or Maps) by name. Undefined
 * below `minCoverage`.
 */
export function scoreComposite(given: ScoreCompositeInput): Kpi {
  return new Kpi(evaluate("score.composite.v1", SCORE_COMPOSITE, given));
}

/**
 * The places of a cohort by their composite scores: a list of `Ranked`, the best first. `cohort` has `{ id, figures: { name: number or
 * null } }` for each, `weights` has `{ name: { weight, lowerIsBetter } }`.
 *
 * ```ts
 * kpi.rank({ cohort: [{ id: "a", figures: { fcr: 1.5 } }], weights: { fcr: { weight: 1, lowerIsBetter: true } } });
 * ```
 */
export function rank(given: { readonly cohort: readonly Member[]; readonly weights: Named<Weight> }): readonly Ranked[] {
  return rankedOf(evaluate("rank.v1", RANK, given));
}
