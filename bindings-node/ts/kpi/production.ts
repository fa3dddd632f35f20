/** Density, rates and eggs. */
import { evaluate, names } from "./evaluate.js";
import type { Whole } from "./numbers.js";
import { Kpi } from "./result.js";

const DENSITY = names("live_weight_g area_cm2");
const ERROR_RATE = names("total errors");
const AVAILABILITY = names("total errors");
const HEN_DAY = names("eggs hen_days");
const HEN_HOUSED = names("eggs housed days");
const EGGS_PER_HEN_HOUSED = names("eggs housed");
const EGG_MASS_PER_HEN_DAY = names("egg_mass_g hen_days");

/** Stocking density in kg / m². Undefined for an area of 0. */
export function density(given: { readonly liveWeightG: Whole; readonly areaCm2: Whole }): Kpi {
  return new Kpi(evaluate("density.v1", DENSITY, given));
}

/** errors / total. Undefined for a total of 0. */
export function errorRate(given: { readonly errors?: Whole | undefined; readonly total?: Whole | undefined }): Kpi {
  return new Kpi(evaluate("error_rate.v1", ERROR_RATE, given));
}

/** (total − errors) / total. Undefined for a total of 0. */
export function availability(given: { readonly errors?: Whole | undefined; readonly total?: Whole | undefined }): Kpi {
  return new Kpi(evaluate("availability.v1", AVAILABILITY, given));
}

/** Hen-day production: eggs / henDays. Warns above 1: eggs are collected late. Undefined for 0 hen-days. */
export function henDay(given: { readonly eggs?: Whole | undefined; readonly henDays: number }): Kpi {
  return new Kpi(evaluate("hen_day.v1", HEN_DAY, given));
}

/** Hen-housed production: eggs / (housed · days). Warns above 1. Undefined without hens or days. */
export function henHoused(given: { readonly eggs?: Whole | undefined; readonly housed?: Whole | undefined; readonly days: number }): Kpi {
  return new Kpi(evaluate("hen_housed.v1", HEN_HOUSED, given));
}

/** Eggs for each hen housed. Undefined without hens. */
export function eggsPerHenHoused(given: { readonly eggs?: Whole | undefined; readonly housed?: Whole | undefined }): Kpi {
  return new Kpi(evaluate("eggs_per_hen_housed.v1", EGGS_PER_HEN_HOUSED, given));
}

/** Egg mass in g a hen and day. Undefined for 0 hen-days. */
export function eggMassPerHenDay(given: { readonly eggMassG: Whole; readonly henDays: number }): Kpi {
  return new Kpi(evaluate("egg_mass_per_hen_day.v1", EGG_MASS_PER_HEN_DAY, given));
}
