// Figures of 1,000 and of 1,000,000 weights, against the same by hand in JavaScript (two passes of plain sums, no check of any value).
import { kpi } from "gatewright";
import { measure } from "./measure.mjs";

function mean(values) {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at];
  return sum / values.length;
}

function cvByHand(values) {
  const middle = mean(values);
  let squares = 0;
  for (let at = 0; at < values.length; at += 1) squares += (values[at] - middle) ** 2;
  return (100 * Math.sqrt(squares / (values.length - 1))) / middle;
}

function bandByHand(values) {
  const middle = mean(values);
  let within = 0;
  for (let at = 0; at < values.length; at += 1) if (values[at] >= 0.9 * middle && values[at] <= 1.1 * middle) within += 1;
  return within / values.length;
}

function percentileByHand(values) {
  const sorted = Float64Array.from(values).sort();
  const place = 0.95 * (sorted.length - 1);
  const low = Math.floor(place);
  return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

/** Weights in g around 2 kg, always the same. */
function weightsOf(count) {
  let state = 42;
  return Float64Array.from({ length: count }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return 1700 + (state >>> 8) % 600;
  });
}

/** The tables: a title and what was measured, for each. */
export async function figures() {
  const totals = { feedG: 180, liveWeightOutG: 202 };
  const tables = [["KPI of two totals", await measure([{ name: "gatewright fcrLiveWeight", call: () => kpi.fcrLiveWeight(totals) }])]];
  for (const [count, label] of [
    [1000, "1,000"],
    [1_000_000, "1,000,000"],
  ]) {
    const weights = weightsOf(count);
    const list = Array.from(weights);
    const cv = await measure([
      { name: "gatewright cv, Float64Array", call: () => kpi.cv({ weights }) },
      { name: "gatewright cv, array of numbers", call: () => kpi.cv({ weights: list }) },
      { name: "by hand", call: () => cvByHand(weights) },
    ]);
    const band = await measure([
      { name: "gatewright uniformityBand, Float64Array", call: () => kpi.uniformityBand({ weights }) },
      { name: "by hand", call: () => bandByHand(weights) },
    ]);
    const percentile = await measure([
      { name: "gatewright percentileLinear, Float64Array", call: () => kpi.percentileLinear({ values: weights, p: 0.95 }) },
      { name: "by hand (a typed array, sorted)", call: () => percentileByHand(weights) },
    ]);
    tables.push([`CV of ${label} weights`, cv], [`Uniformity ±10 % of ${label} weights`, band], [`95th percentile of ${label} weights`, percentile]);
  }
  return tables;
}
