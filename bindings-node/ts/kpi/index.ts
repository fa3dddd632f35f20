/**
 * Figures of livestock and operations: one function each, with arguments that name their units.
 *
 * A result has its method, unit and warnings with it. Too little data, or a denominator of 0, is no error: the figure is undefined and
 * says why. Missing values are counted and never zero. Nothing here needs a gate, and all of it is synchronous.
 *
 * ```ts
 * import { kpi } from "gatewright";
 *
 * const fcr = kpi.fcrLiveWeight({ feedG: 180, liveWeightOutG: 202 });
 * fcr.value; // 0.8910891089108911
 * kpi.uniformityBand({ weights: new Float64Array([1930, 2110, 2050]) }).percent();
 * ```
 */
import { call } from "../errors.js";
import { native } from "../native.js";

export { FloatMoments, Histogram, type HistogramSnapshot, Moments } from "./accumulators.js";
export * from "./growth.js";
export type { Mask, Numbers, Whole } from "./numbers.js";
export * from "./production.js";
export { type Cell, Report, report, type ReportRow } from "./report.js";
export { type Basis, Kpi, Norms, type Ranked, type Reason, Summary, type Unit, type Warning } from "./result.js";
export type { Day, Member, Movement, Named, Quantity, Weight } from "./rows.js";
export * from "./samples.js";
export * from "./scores.js";
export * from "./survival.js";

/** The ids of all figures. */
export const METHODS: readonly string[] = Object.freeze(call(() => native.kpiMethods()));
