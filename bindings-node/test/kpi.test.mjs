import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { InvalidArgument, KpiError, kpi } from "gatewright";

const plain = (result) => JSON.parse(JSON.stringify(result));
const code = (call) => {
  try {
    call();
  } catch (error) {
    return error.code;
  }
  return undefined;
};

test("a figure has its method, unit and what it rests on, and cannot be changed", () => {
  const fcr = kpi.fcrLiveWeight({ feedG: 180, liveWeightOutG: 202 });
  assert.ok(fcr instanceof kpi.Kpi);
  assert.deepEqual(plain(fcr), {
    id: "fcr.live_weight.v1",
    value: 0.8910891089108911,
    status: "ok",
    reason: null,
    unit: "ratio",
    num: 180,
    den: 202,
    n: 1,
    missing: 0,
    basis: "live_weight",
    coverage: null,
    warnings: [],
  });
  assert.throws(() => (fcr.value = 1), TypeError);
  assert.throws(() => fcr.warnings.push("x"), TypeError);
  assert.equal(kpi.survival({ placed: 20_000, dead: 800 }).percent(), 96);
  assert.equal(fcr.percent(), fcr.value);
});

test("a figure without data is undefined and says why", () => {
  const { value, status, reason } = kpi.survival({ placed: 0 });
  assert.deepEqual([value, status, reason, kpi.survival({ placed: 0 }).percent()], [null, "undefined", "zero_denominator", null]);
});

test("whole numbers are exact beyond 2^53, both ways", () => {
  const { num, den, value } = kpi.fcrLiveWeight({ feedG: 18_446_744_073_709_551_615n, liveWeightOutG: 3n });
  assert.deepEqual([num, den, value], [18_446_744_073_709_551_615n, 3, 18_446_744_073_709_551_615 / 3]);
  assert.equal(code(() => kpi.fcrLiveWeight({ feedG: 2n ** 64n, liveWeightOutG: 3 })), "kpi_overflow");
  assert.equal(code(() => kpi.fcrLiveWeight({ feedG: -1n, liveWeightOutG: 3 })), "kpi_negative");
});

test("what cannot be is an error of its class, with its status", () => {
  for (const [wanted, call] of [
    ["kpi_inventory_mismatch", () => kpi.survival({ placed: 1, dead: 2 })],
    ["kpi_negative", () => kpi.adfi({ feedG: -1, headDays: 1 })],
    ["kpi_out_of_range", () => kpi.adfi({ feedG: 2.5, headDays: 1 })],
    ["kpi_out_of_range", () => kpi.adfi({ feedG: 2, headDays: 0.3 })],
    ["kpi_out_of_range", () => kpi.healthFarm({ mortality: 4, morbidity: 0, treatment: 0 })],
    ["kpi_non_finite", () => kpi.uniformityFromCv({ cv: NaN })],
    ["kpi_non_finite", () => kpi.uniformityFromCv({ cv: Infinity })],
    ["kpi_non_finite", () => kpi.cv({ weights: [1, NaN] })],
    ["kpi_non_finite", () => kpi.cv({ weights: new Float64Array([1, -Infinity]) })],
    ["kpi_negative", () => kpi.cv({ weights: new BigInt64Array([1n, -1n]) })],
    ["kpi_unit_mismatch", () => kpi.deviation({ actual: { value: 61, unit: "g" }, target: { value: 65, unit: "kg" } })],
    ["kpi_bad_weights", () => kpi.scoreComposite({ norms: { a: 1 }, weights: { a: 0 } })],
    ["kpi_bad_row", () => kpi.rank({ cohort: [{ id: "a", figures: {} }, { id: "a", figures: {} }], weights: { fcr: { weight: 1 } } })],
  ]) {
    assert.equal(code(call), wanted);
    assert.throws(call, (error) => error instanceof KpiError && error.status === 422 && error.advice === "change");
  }
});

test("arguments are known, there, and of their kind", () => {
  for (const call of [
    () => kpi.survival(),
    () => kpi.survival(null),
    () => kpi.survival([20]),
    () => kpi.survival({}),
    () => kpi.survival({ placed: "20" + "x" }),
    () => kpi.survival({ placed: null }),
    () => kpi.survival({ placed: true }),
    () => kpi.survival({ placed: Symbol("x") }),
    () => kpi.survival({ placed: () => 1 }),
    () => kpi.survival({ placed: 1, deed: 1 }),
    () => kpi.survival({ placed: 1, moved_in: 1 }),
    () => kpi.survival({ placed: 1, mask: [1] }),
    () => kpi.cv({ weights: null }),
    () => kpi.cv({}),
    () => kpi.cv({ weights: "1,2" }),
    () => kpi.cv({ weights: [1, "2"] }),
    () => kpi.cv({ weights: new Set([1, 2]) }),
    () => kpi.cv({ weights: [1, 2], population: 1 }),
    () => kpi.epef({ survival: 1, weightG: 1, ageDays: 1, fcr: 1 }),
    () => kpi.feedCost({ costMinor: 1 }),
    () => kpi.feedCost({ costMinor: 1, weightG: 1, eggs: 1 }),
    () => kpi.headDaysDailyMean({ daily: [[1]] }),
    () => kpi.headDaysDailyMean({ daily: [{ start: 1, end: 1, moved_in: 0, more: 1 }] }),
  ]) {
    assert.throws(call, InvalidArgument, String(call));
  }
  let deep = 1;
  for (let level = 0; level < 1000; level += 1) deep = [deep];
  assert.throws(() => kpi.headDaysDailyMean({ daily: deep }), InvalidArgument);
  assert.equal(kpi.survival({ placed: 20_000, dead: undefined }).value, 1);
});

describe("lists of numbers", () => {
  const wanted = kpi.cv({ weights: [2300, 2500, 2700] });

  test("give the same in every form, at any place in their memory", () => {
    assert.equal(wanted.value, 8);
    for (const Kind of [Float64Array, Float32Array, Int16Array, Uint16Array, Int32Array, Uint32Array]) {
      assert.deepEqual(kpi.cv({ weights: new Kind([2300, 2500, 2700]) }), wanted, Kind.name);
    }
    for (const Kind of [BigUint64Array, BigInt64Array]) {
      assert.deepEqual(kpi.cv({ weights: new Kind([1n, 2300n, 2500n, 2700n, 1n]).subarray(1, 4) }), wanted, Kind.name);
    }
    for (const Kind of [Int8Array, Uint8Array, Uint8ClampedArray]) assert.equal(kpi.cv({ weights: new Kind([23, 25, 27]) }).value, 8, Kind.name);
    assert.deepEqual(kpi.cv({ weights: [2300n, 2500, 2700n] }), wanted);
    const shared = new Float64Array(new SharedArrayBuffer(24));
    shared.set([2300, 2500, 2700]);
    assert.deepEqual(kpi.cv({ weights: shared }), wanted);
    const moved = new Float64Array([1, 2]);
    structuredClone(moved, { transfer: [moved.buffer] });
    assert.equal(kpi.cv({ weights: moved }).reason, "too_few_values");
  });

  test("count what is missing, which is never zero", () => {
    // eslint-disable-next-line no-sparse-arrays
    for (const weights of [[2300, null, 2500, undefined, 2700], [2300n, 2500n, null, 2700n, null], [2300, , 2500, , 2700]]) {
      const { value, n, missing, warnings } = kpi.cv({ weights });
      assert.deepEqual([value, n, missing, warnings], [8, 3, 2, ["input_missing"]]);
    }
    const masks = [[false, true, false, false], [0, 1, 0, 0], new Uint8Array([0, 255, 0, 0])];
    for (const mask of masks) {
      for (const weights of [new Float64Array([2300, NaN, 2500, 2700]), new BigUint64Array([2300n, 0n, 2500n, 2700n]), [2300, "x", 2500, 2700]]) {
        const { value, missing } = kpi.cv({ weights, mask });
        assert.deepEqual([value, missing], [8, 1]);
      }
    }
    for (const mask of [[true], "0100", 1]) assert.throws(() => kpi.cv({ weights: [1, 2, 3, 4], mask }), InvalidArgument);
    assert.deepEqual(kpi.normMinMax({ values: [1.5, null, 1.7], lowerIsBetter: true }).value, [1, null, 0]);
  });

  test("beyond 2^53 they are exact, and past 64 bits doubles", () => {
    const { mean, min } = kpi.weightMean({ weights: [2n ** 63n, 2n ** 63n + 4096n] });
    assert.deepEqual([mean, min], [2 ** 63 + 2048, 2 ** 63]);
    assert.equal(kpi.percentileLinear({ values: new BigInt64Array([-3n, -1n]), p: 0.5 }).value, -2);
    assert.equal(kpi.percentileLinear({ values: [-3n, 2n ** 70n], p: 1 }).value, 2 ** 70);
  });

  test("a summary has its numbers, or null", () => {
    const summary = kpi.weightMean({ weights: [2300, 2500, 2700], flockSize: 100 });
    assert.ok(summary instanceof kpi.Summary);
    const { mean, sd, ci95Low, ci95High, min, max, warnings } = summary;
    assert.deepEqual([mean, sd, min, max, warnings], [2500, 200, 2300, 2700, []]);
    assert.ok(ci95Low < 2500 && ci95High > 2500);
    assert.deepEqual([kpi.weightMean({ weights: [] }).mean, kpi.epefFlocks({ values: [421] }).ci95Low], [null, null]);
  });
});

test("the results of figures are arguments of others", () => {
  const fcr = kpi.fcrLiveWeight({ feedG: 3478, liveWeightOutG: 1850 });
  const all = { survival: 0.95, weightG: 1850, ageDays: 44 };
  assert.equal(kpi.epef({ ...all, fcr }).value, kpi.epef({ ...all, fcr: 3478 / 1850, fcrBasis: "live_weight" }).value);
  const onGain = kpi.fcrCloseout({ feedG: 3478, weightStartedG: 42, weightSoldG: 1850 });
  assert.deepEqual(kpi.epef({ ...all, fcr: onGain }).warnings, ["basis_gain"]);
  assert.equal(kpi.epef({ ...all, fcr: kpi.fcrLiveWeight({ feedG: 1, liveWeightOutG: 0 }) }).reason, "zero_denominator");
  const gain = kpi.adgFromZero({ weightG: 2257, ageDays: 37 });
  assert.equal(kpi.deviation({ actual: gain, target: { value: 65, unit: "g_per_day" } }).value, (61 - 65) / 65);
  assert.equal(code(() => kpi.deviation({ actual: gain, target: fcr })), "kpi_unit_mismatch");
});

test("rows are read in turn or by name, and names of figures are the caller's own", () => {
  const rows = [[200, 196], [196, 206, 10], null];
  const named = [{ start: 200, end: 196 }, { start: 196, end: 206, movedIn: 10 }, { start: null, end: 1 }];
  assert.deepEqual(kpi.headDaysDailyMean({ daily: named }), kpi.headDaysDailyMean({ daily: rows }));
  const exits = { placed: 200, days: 31, entries: [[15, 10]], exits: [{ day: 11, count: 4 }] };
  assert.equal(kpi.headDaysExits(exits).value, 6270);
  const names = ["lowerIsBetter", "movedIn", "figures", "żółw", "__proto__", "f64"];
  for (const name of names) {
    const figures = new Map([[name, 1.5]]);
    const worse = new Map([[name, 1.7]]);
    const ranking = kpi.rank({ cohort: [{ id: "b", figures: worse }, { id: "a", figures }], weights: new Map([[name, { weight: 2, lowerIsBetter: true }]]) });
    assert.deepEqual(ranking.map(({ id, rank, score }) => [id, rank, score]), [["a", 1, 1], ["b", 2, 0]], name);
    if (name === "f64") continue;
    const { value, coverage } = kpi.scoreComposite({ norms: new Map([[name, 0.5]]), weights: new Map([[name, 1], ["more", 1]]) });
    assert.deepEqual([value, coverage], [0.5, 0.5], name);
  }
});

test("every method of the core is a function, or an accumulator", () => {
  const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
  for (const method of kpi.METHODS) {
    const name = camel(method.replace(/\.v1$/, "").replaceAll(".", "_"));
    if (name.startsWith("moments")) continue;
    assert.equal(typeof kpi[name], "function", method);
    // Where all that it counts is 0 if left out, it has an answer to nothing, and none to what nobody has heard of.
    assert.throws(() => kpi[name]({ unheardOf: 1 }), InvalidArgument, method);
  }
  assert.ok(kpi.METHODS.length >= 48);
});

describe("accumulators", () => {
  const KINDS = { Moments: [1930, 2110, 2050], FloatMoments: [1.5, -2.25, 3], Histogram: [120, 250, 90_000] };

  for (const [name, values] of Object.entries(KINDS)) {
    const Kind = kpi[name];

    test(`${name} gives the same at once, one by one, merged and from bytes`, () => {
      const whole = new Kind();
      whole.addAll(values);
      const single = new Kind();
      for (const value of values) single.add(value);
      assert.deepEqual(single.snapshot(), whole.snapshot());
      const [left, right] = [new Kind(), new Kind()];
      left.addAll(new Float64Array(values.slice(0, 1)));
      right.addAll([...values.slice(1), null]);
      left.merge(Kind.fromBytes(right.toBytes()));
      const merged = left.snapshot();
      assert.deepEqual([left.count, left.missing, merged.n, merged.missing], [3, 1, 3, 1]);
      if (name !== "FloatMoments") {
        right.addMissing(2);
        const { missing, warnings, ...rest } = merged;
        const { missing: none, warnings: quiet, ...same } = whole.snapshot();
        assert.deepEqual([rest, missing, none], [same, 1, 0]);
        assert.equal(right.missing, 3);
      }
      left.merge(left);
      assert.deepEqual([left.count, left.missing], [6, 2]);
      left.addMissing();
      assert.equal(left.missing, 3);
    });

    test(`${name} takes nothing of what it cannot take whole`, () => {
      const moments = new Kind();
      for (const wrong of [[1, NaN], [1, Infinity], name === "FloatMoments" ? [1, 1e308, -1e309] : [1, -1], name === "FloatMoments" ? [NaN] : [1, 1.5]]) {
        assert.throws(() => moments.addAll(wrong), KpiError, String(wrong));
      }
      for (const wrong of [undefined, null, "1", [1]]) assert.throws(() => moments.add(wrong), InvalidArgument);
      for (const wrong of [undefined, "1", [["1"]]]) assert.throws(() => moments.addAll(wrong), InvalidArgument);
      for (const wrong of [-1, 0.5, "1", 2n]) assert.throws(() => moments.addMissing(wrong), InvalidArgument);
      assert.throws(() => moments.addAll([1], { masc: [1] }), InvalidArgument);
      for (const Other of Object.keys(KINDS).filter((other) => other !== name)) assert.throws(() => moments.merge(new kpi[Other]()), InvalidArgument);
      assert.throws(() => moments.merge({}), InvalidArgument);
      for (const wrong of [new Uint8Array(), new Uint8Array(200).fill(0xff), "x"]) assert.throws(() => Kind.fromBytes(wrong));
      assert.deepEqual([moments.count, moments.missing], [0, 0]);
    });
  }

  test("masks, signed integers and integers of 64 bits are taken", () => {
    const moments = new kpi.Moments();
    moments.addAll(new BigInt64Array([1n, 2n]), { mask: [0, 1] });
    moments.addAll(new BigUint64Array([2n ** 63n]));
    moments.add(2n ** 63n);
    assert.deepEqual([moments.count, moments.missing, moments.snapshot().max], [3, 1, 2 ** 63]);
    const floats = new kpi.FloatMoments();
    floats.addAll(new BigInt64Array([-3n, 1n]));
    assert.equal(floats.snapshot().mean, -1);
  });

  test("a histogram gives quantiles, and says whether they are exact", () => {
    const latencies = new kpi.Histogram();
    latencies.addAll(Float64Array.from({ length: 100 }, (_, at) => at + 1));
    const { value, basis, unit } = latencies.quantile(0.95);
    assert.deepEqual([value, basis, typeof unit], [95, "exact", "string"]);
    const { p50, p99, mean, min, max } = latencies.snapshot();
    assert.deepEqual([p50, p99, mean, min, max], [50, 99, 50.5, 1, 100]);
    latencies.addAll(new Uint32Array(10_000).fill(1_000_000));
    assert.equal(latencies.snapshot().basis, "histogram");
    assert.throws(() => latencies.quantile(1.5), KpiError);
    assert.throws(() => latencies.quantile("0.5"), InvalidArgument);
    assert.deepEqual(new kpi.Histogram().snapshot().p50, null);
  });
});
