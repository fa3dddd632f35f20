/** Animals that are left, and how long they were there. */
import { evaluate, names } from "./evaluate.js";
import type { Numbers, Whole } from "./numbers.js";
import { Kpi } from "./result.js";
import type { Day, Movement } from "./rows.js";

const SURVIVAL = names("placed moved_in dead culled moved_out");
const SURVIVAL_AT_RISK = names("placed moved_in dead culled moved_out");
const MORTALITY = names("placed moved_in dead culled moved_out");
const CULL = names("placed moved_in dead culled moved_out");
const LOSS = names("placed moved_in dead culled moved_out");
const INVENTORY = names("placed moved_in dead culled moved_out sold left");
const MORTALITY_FIRST_WEEK = names("placed daily_dead");
const MORTALITY_CUMULATIVE_DAILY = names("placed daily_dead daily_culled daily_out daily_in");
const MORTALITY_PER1000_HEAD_WEEKS = names("head_days dead");
const HEAD_DAYS_DAILY_MEAN = names("daily");
const HEAD_DAYS_EXITS = names("placed days entries exits");
const MEAN_HEAD_DAY_WEIGHTED = names("x head_days");

/** The arguments of `survival` and its like. */
export interface Animals {
  readonly placed: Whole;
  readonly movedIn?: Whole | undefined;
  readonly dead?: Whole | undefined;
  readonly culled?: Whole | undefined;
  readonly movedOut?: Whole | undefined;
}

/**
 * The share of animals that are left by the farm's rule: (placed + movedIn − dead − culled − movedOut) / (placed + movedIn). Undefined
 * without animals; `kpi_inventory_mismatch` for more losses than animals.
 *
 * ```ts
 * kpi.survival({ placed: 20_000, dead: 800 }).value; // 0.96
 * ```
 */
export function survival(given: Animals): Kpi {
  return new Kpi(evaluate("survival.v1", SURVIVAL, given));
}

/**
 * The same, but animals that were moved away alive are no loss: both sides are without `movedOut`. Undefined without animals;
 * `kpi_inventory_mismatch` for more losses than animals.
 */
export function survivalAtRisk(given: Animals): Kpi {
  return new Kpi(evaluate("survival.at_risk.v1", SURVIVAL_AT_RISK, given));
}

/**
 * The share of animals that died: dead / (placed + movedIn). Undefined without animals; `kpi_inventory_mismatch` for more losses than
 * animals.
 */
export function mortality(given: Animals): Kpi {
  return new Kpi(evaluate("mortality.v1", MORTALITY, given));
}

/**
 * The share of animals that were culled: culled / (placed + movedIn). Undefined without animals; `kpi_inventory_mismatch` for more losses
 * than animals.
 */
export function cull(given: Animals): Kpi {
  return new Kpi(evaluate("cull.v1", CULL, given));
}

/**
 * The share of animals that died or were culled: (dead + culled) / (placed + movedIn). Undefined without animals; `kpi_inventory_mismatch`
 * for more losses than animals.
 */
export function loss(given: Animals): Kpi {
  return new Kpi(evaluate("loss.v1", LOSS, given));
}

/** The arguments of `inventory`. */
export interface InventoryInput {
  readonly placed: Whole;
  readonly movedIn?: Whole | undefined;
  readonly dead?: Whole | undefined;
  readonly culled?: Whole | undefined;
  readonly movedOut?: Whole | undefined;
  readonly sold?: Whole | undefined;
  readonly left?: Whole | undefined;
}

/**
 * What the books miss by: (placed + movedIn) − (dead + culled + movedOut + sold + left). A difference is a warning, `inventory_delta`, not
 * an error.
 */
export function inventory(given: InventoryInput): Kpi {
  return new Kpi(evaluate("inventory.v1", INVENTORY, given));
}

/**
 * The share of animals that died on days 0 to 6; the day of placement is day 0. Undefined for fewer than 7 days, or with one of them
 * missing.
 */
export function mortalityFirstWeek(given: { readonly placed: Whole; readonly dailyDead: Numbers }): Kpi {
  return new Kpi(evaluate("mortality.first_week.v1", MORTALITY_FIRST_WEEK, given));
}

/** The arguments of `mortalityCumulativeDaily`. */
export interface MortalityCumulativeDailyInput {
  readonly placed: Whole;
  readonly dailyDead: Numbers;
  readonly dailyCulled?: Numbers | undefined;
  readonly dailyOut?: Numbers | undefined;
  readonly dailyIn?: Numbers | undefined;
}

/**
 * The sum over days of losses / animals present at the start of the day: the legal figure of 2007/43/EC. `dailyOut` are those sold and
 * moved out. Undefined without animals placed.
 */
export function mortalityCumulativeDaily(given: MortalityCumulativeDailyInput): Kpi {
  return new Kpi(evaluate("mortality.cumulative_daily.v1", MORTALITY_CUMULATIVE_DAILY, given));
}

/** Deaths per 1000 animals a week: 7000 · dead / headDays. `headDays` is a multiple of 0.5. Undefined for 0 head-days. */
export function mortalityPer1000HeadWeeks(given: { readonly headDays: number; readonly dead?: Whole | undefined }): Kpi {
  return new Kpi(evaluate("mortality.per_1000_head_weeks.v1", MORTALITY_PER1000_HEAD_WEEKS, given));
}

/**
 * Head-days by the mean of each day's start and end: Σ (start + end) / 2. `daily` has a row `[start, end]` or `[start, end, movedIn]` for
 * each day, or the same by name.
 */
export function headDaysDailyMean(given: { readonly daily: readonly (Day | null)[] }): Kpi {
  return new Kpi(evaluate("head_days.daily_mean.v1", HEAD_DAYS_DAILY_MEAN, given));
}

/** The arguments of `headDaysExits`. */
export interface HeadDaysExitsInput {
  readonly placed: Whole;
  readonly days: Whole;
  readonly entries?: readonly Movement[] | undefined;
  readonly exits?: readonly Movement[] | undefined;
}

/**
 * Head-days by whole days: each animal counts the days that it was there. `entries` and `exits` have rows `[day, count]`; the day of
 * placement is day 0.
 */
export function headDaysExits(given: HeadDaysExitsInput): Kpi {
  return new Kpi(evaluate("head_days.exits.v1", HEAD_DAYS_EXITS, given));
}

/** The mean of `x` weighted by head-days: Σ x·h / Σ h. Undefined where the head-days add up to 0. */
export function meanHeadDayWeighted(given: { readonly x: Numbers; readonly headDays: Numbers }): Kpi {
  return new Kpi(evaluate("mean.head_day_weighted.v1", MEAN_HEAD_DAY_WEIGHTED, given));
}
