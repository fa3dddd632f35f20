/** Weighings and other samples. */
import { evaluate, names } from "./evaluate.js";
import type { Mask, Numbers, Whole } from "./numbers.js";
import { Kpi, Summary } from "./result.js";

const CV = names("population", "weights");
const UNIFORMITY_SCORE = names("", "weights");
const UNIFORMITY_BAND = names("band", "weights");
const UNIFORMITY_FROM_CV = names("cv");
const WEIGHT_MEAN = names("flock_size", "weights");
const PERCENTILE_LINEAR = names("p", "values");
const PERCENTILE_NEAREST_RANK = names("p", "values");

/** The arguments of `cv`. */
export interface CvInput {
  readonly weights: Numbers;
  readonly population?: boolean | undefined;
  readonly mask?: Mask | undefined;
}

/**
 * Coefficient of variation in percent: 100 · sd / mean, of a sample (n − 1) unless `population`. Undefined for fewer than two values and
 * for a mean of 0.
 */
export function cv(given: CvInput): Kpi {
  return new Kpi(evaluate("cv.v1", CV, given));
}

/**
 * 100 − CV, within 0 to 100. Undefined as `cv` is.
 *
 * ```ts
 * kpi.uniformityScore({ weights: [2000, 2000, null] }).missing; // 1
 * ```
 */
export function uniformityScore(given: { readonly weights: Numbers; readonly mask?: Mask | undefined }): Kpi {
  return new Kpi(evaluate("uniformity.score.v1", UNIFORMITY_SCORE, given));
}

/** The arguments of `uniformityBand`. */
export interface UniformityBandInput {
  readonly weights: Numbers;
  readonly band?: number | undefined;
  readonly mask?: Mask | undefined;
}

/**
 * The share of weights from (1 − band) · mean to (1 + band) · mean, both ends counted in. Undefined without weights and where they add up
 * to 0.
 */
export function uniformityBand(given: UniformityBandInput): Kpi {
  return new Kpi(evaluate("uniformity.band.v1", UNIFORMITY_BAND, given));
}

/**
 * The share within ±10 % that a normal distribution of this CV (in percent) would have, in percent. For information only. A CV of 0 gives
 * 100.
 */
export function uniformityFromCv(given: { readonly cv: number }): Kpi {
  return new Kpi(evaluate("uniformity.from_cv.v1", UNIFORMITY_FROM_CV, given));
}

/** The arguments of `weightMean`. */
export interface WeightMeanInput {
  readonly weights: Numbers;
  readonly flockSize?: Whole | null | undefined;
  readonly mask?: Mask | undefined;
}

/**
 * Mean weight with standard deviation and confidence interval, a `Summary`. Warns of a `small_sample`: fewer than 100, or than 1 % of
 * `flockSize` where that is less.
 */
export function weightMean(given: WeightMeanInput): Summary {
  return new Summary(evaluate("weight.mean.v1", WEIGHT_MEAN, given));
}

/** The arguments of `percentileLinear`. */
export interface PercentileLinearInput {
  readonly values: Numbers;
  readonly p: number;
  readonly mask?: Mask | undefined;
}

/**
 * The percentile between the nearest ranks (type 7, as NumPy and pandas compute it by default); `p` is 0 to 1. Undefined without values.
 */
export function percentileLinear(given: PercentileLinearInput): Kpi {
  return new Kpi(evaluate("percentile.linear.v1", PERCENTILE_LINEAR, given));
}

/** The smallest value that a share `p` of all, 0 to 1, does not pass. Undefined without values. */
export function percentileNearestRank(given: PercentileLinearInput): Kpi {
  return new Kpi(evaluate("percentile.nearest_rank.v1", PERCENTILE_NEAREST_RANK, given));
}
