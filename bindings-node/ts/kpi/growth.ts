/** Gain, feed, and what one comes to for the other. */
import { evaluate, names } from "./evaluate.js";
import type { Mask, Numbers, Whole } from "./numbers.js";
import { Kpi, Summary } from "./result.js";

const ADG_NET = names("weight_start_g weight_end_g days");
const ADG_FROM_ZERO = names("weight_g age_days");
const ADG_GROUP = names("weight_in_g weight_sold_g head_days weight_moved_out_g");
const ADFI = names("feed_g head_days");
const SGR = names("weight_start_g weight_end_g days");
const FCR_LIVE_WEIGHT = names("feed_g live_weight_out_g");
const FCR_CLOSEOUT = names("feed_g weight_started_g weight_sold_g weight_moved_out_g");
const FCR_MORTALITY_ADJUSTED = names("feed_g weight_started_g weight_sold_g weight_dead_g weight_moved_out_g");
const FCR_CORRECTED = names("fcr weight_g reference_g per_100g");
const FCR_BIOLOGICAL = names("feed_g biomass_in_g biomass_out_g biomass_dead_g");
const FCR_EGG_MASS = names("feed_g egg_mass_g");
const FEED_PER_DOZEN = names("feed_g eggs");
const FEED_COST = names("cost_minor weight_g eggs");
const WATER_FEED = names("water_ml feed_g");
const EPEF = names("survival weight_g age_days fcr fcr_basis");
const EBI = names("adg_g survival fcr fcr_basis");
const EPEF_FLOCKS = names("", "values");

/** The arguments of `adgNet`. */
export interface AdgNetInput {
  readonly weightStartG: Whole;
  readonly weightEndG: Whole;
  readonly days: number;
}

/** Average daily gain in g: (end − start) / days. Negative for a loss, with the warning `negative_gain`. Undefined for 0 days. */
export function adgNet(given: AdgNetInput): Kpi {
  return new Kpi(evaluate("adg.net.v1", ADG_NET, given));
}

/** Average daily gain in g from a weight of zero, as breeders' tables have it: weight / age. Undefined for an age of 0. */
export function adgFromZero(given: { readonly weightG: Whole; readonly ageDays: number }): Kpi {
  return new Kpi(evaluate("adg.from_zero.v1", ADG_FROM_ZERO, given));
}

/** The arguments of `adgGroup`. */
export interface AdgGroupInput {
  readonly weightInG: Whole;
  readonly weightSoldG: Whole;
  readonly headDays: number;
  readonly weightMovedOutG?: Whole | undefined;
}

/** Average daily gain of a group in g: (sold + moved out − in) / headDays. Dead weight is left out. Undefined for 0 head-days. */
export function adgGroup(given: AdgGroupInput): Kpi {
  return new Kpi(evaluate("adg.group.v1", ADG_GROUP, given));
}

/** Average daily feed intake in g: feed / headDays. Undefined for 0 head-days. */
export function adfi(given: { readonly feedG: Whole; readonly headDays: number }): Kpi {
  return new Kpi(evaluate("adfi.v1", ADFI, given));
}

/** Specific growth rate of fish, percent a day: 100 · (ln end − ln start) / days. Undefined for 0 days and for a weight of 0. */
export function sgr(given: AdgNetInput): Kpi {
  return new Kpi(evaluate("sgr.v1", SGR, given));
}

/**
 * Feed conversion on live weight: feed / live weight. Undefined for a live weight of 0.
 *
 * ```ts
 * kpi.fcrLiveWeight({ feedG: 180, liveWeightOutG: 202 }).value; // 0.8910891089108911
 * ```
 */
export function fcrLiveWeight(given: { readonly feedG: Whole; readonly liveWeightOutG: Whole }): Kpi {
  return new Kpi(evaluate("fcr.live_weight.v1", FCR_LIVE_WEIGHT, given));
}

/** The arguments of `fcrCloseout`. */
export interface FcrCloseoutInput {
  readonly feedG: Whole;
  readonly weightStartedG: Whole;
  readonly weightSoldG: Whole;
  readonly weightMovedOutG?: Whole | undefined;
}

/**
 * Feed conversion on gain: feed / (sold + moved out − started). `feedG` is feed eaten: delivered + in the silo at the start − left or
 * returned. Undefined without a gain.
 */
export function fcrCloseout(given: FcrCloseoutInput): Kpi {
  return new Kpi(evaluate("fcr.closeout.v1", FCR_CLOSEOUT, given));
}

/** The arguments of `fcrMortalityAdjusted`. */
export interface FcrMortalityAdjustedInput {
  readonly feedG: Whole;
  readonly weightStartedG: Whole;
  readonly weightSoldG: Whole;
  readonly weightDeadG: Whole;
  readonly weightMovedOutG?: Whole | undefined;
}

/** Feed conversion on gain, the weight of the dead included: feed / (sold + moved out + dead − started). Undefined without a gain. */
export function fcrMortalityAdjusted(given: FcrMortalityAdjustedInput): Kpi {
  return new Kpi(evaluate("fcr.mortality_adjusted.v1", FCR_MORTALITY_ADJUSTED, given));
}

/** The arguments of `fcrCorrected`. */
export interface FcrCorrectedInput {
  readonly fcr: number;
  readonly weightG: Whole;
  readonly referenceG: Whole;
  readonly per100g: number;
}

/** Feed conversion at a reference weight: fcr − ((weight − reference) / 100) · per100g. Warns of a reference more than 500 g away. */
export function fcrCorrected(given: FcrCorrectedInput): Kpi {
  return new Kpi(evaluate("fcr.corrected.v1", FCR_CORRECTED, given));
}

/** The arguments of `fcrBiological`. */
export interface FcrBiologicalInput {
  readonly feedG: Whole;
  readonly biomassInG: Whole;
  readonly biomassOutG: Whole;
  readonly biomassDeadG?: Whole | undefined;
}

/** Feed conversion of fish, the dead included: feed / (out + dead − in). Undefined without a gain. */
export function fcrBiological(given: FcrBiologicalInput): Kpi {
  return new Kpi(evaluate("fcr.biological.v1", FCR_BIOLOGICAL, given));
}

/** Feed conversion on egg mass: feed / egg mass. Undefined for an egg mass of 0. */
export function fcrEggMass(given: { readonly feedG: Whole; readonly eggMassG: Whole }): Kpi {
  return new Kpi(evaluate("fcr.egg_mass.v1", FCR_EGG_MASS, given));
}

/** Feed in g for a dozen eggs: 12 · feed / eggs. Undefined for 0 eggs. */
export function feedPerDozen(given: { readonly feedG: Whole; readonly eggs?: Whole | undefined }): Kpi {
  return new Kpi(evaluate("feed_per_dozen.v1", FEED_PER_DOZEN, given));
}

/** The arguments of `feedCost`. */
export interface FeedCostInput {
  readonly costMinor: Whole;
  readonly weightG?: Whole | undefined;
  readonly eggs?: Whole | undefined;
}

/** Feed cost in minor units of the currency, a kilogram or a dozen eggs. Give either `weightG` or `eggs`. */
export function feedCost(given: FeedCostInput): Kpi {
  return new Kpi(evaluate("feed_cost.v1", FEED_COST, given));
}

/** Water in ml for each g of feed. Undefined for 0 g of feed. */
export function waterFeed(given: { readonly waterMl: Whole; readonly feedG: Whole }): Kpi {
  return new Kpi(evaluate("water_feed.v1", WATER_FEED, given));
}

/** The arguments of `epef`. */
export interface EpefInput {
  readonly survival: number;
  readonly weightG: Whole;
  readonly ageDays: number;
  readonly fcr: number | Kpi;
  readonly fcrBasis?: "gain" | "live_weight" | undefined;
}

/**
 * European production efficiency factor: survival · 100 · (weight in kg) / (age · fcr) · 100. `survival` is a fraction. `fcr` is a number,
 * then with `fcrBasis` (`live_weight` or `gain`), or the result of an `fcr…` call.
 *
 * ```ts
 * const fcr = kpi.fcrLiveWeight({ feedG: 3478, liveWeightOutG: 1850 });
 * kpi.epef({ survival: 0.95, weightG: 1850, ageDays: 44, fcr }).status; // "ok"
 * ```
 */
export function epef(given: EpefInput): Kpi {
  return new Kpi(evaluate("epef.v1", EPEF, given));
}

/** The arguments of `ebi`. */
export interface EbiInput {
  readonly adgG: number;
  readonly survival: number;
  readonly fcr: number | Kpi;
  readonly fcrBasis?: "gain" | "live_weight" | undefined;
}

/** European broiler index: adg · survival · 100 / (fcr · 10). `fcr` as in `epef`. */
export function ebi(given: EbiInput): Kpi {
  return new Kpi(evaluate("ebi.v1", EBI, given));
}

/** Mean, standard deviation (n − 1) and 95 % confidence interval (Student's t) of the EPEF of several flocks. Gives a `Summary`. */
export function epefFlocks(given: { readonly values: Numbers; readonly mask?: Mask | undefined }): Summary {
  return new Summary(evaluate("epef.flocks.v1", EPEF_FLOCKS, given));
}
