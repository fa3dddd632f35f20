// The report of a farm from Node.
import assert from "node:assert/strict";
import { test } from "node:test";

import { kpi } from "gatewright";

const rows = [
  { batch: "A", date: new Date("2026-01-01"), placed: 1000n, dead: 5, feed_kg: 20, weights_g: new Float64Array([210, 225]) },
  { batch: "A", date: "2026-02-05", sold: 990, live_weight_out_kg: 2178, dead: null },
];

test("rows and targets become pages and numbers", () => {
  const report = kpi.report(rows, { figures: { "survival.v1": { value: 0.97, unit: "fraction" } } });
  const { batches, problems } = JSON.parse(report.toJson());
  assert.deepEqual(problems, []);
  assert.equal(batches[0].figures[0].kpi.value, 0.995);
  assert.equal(batches[0].growth[0].mean_g, 217.5);
  assert.match(report.toCsv(), /^batch,figure,value,unit/);
  const page = report.toHtml({ title: "<Farm>", locale: "de" });
  assert.ok(page.includes("99,50") && !page.includes("<Farm>"));
});

test("a table is read as the program reads it", () => {
  const table = "Herde;Tag;Eingestallt;Tote;Futter [kg]\nA1;0;1000;5;20,5\nA1;1;;x;1.000,25\n";
  for (const given of [table, Buffer.from(table), new TextEncoder().encode(table)]) {
    const { batches, problems } = JSON.parse(kpi.report(given).toJson());
    assert.equal(batches[0].figures[0].kpi.value, 0.995);
    assert.deepEqual(problems.map(({ line, column }) => [line, column]), [[3, "Tote"]]);
  }
});

test("what is no row or target is refused by its code", () => {
  const code = (call, expected) => assert.throws(call, (error) => error.code === expected, expected);
  code(() => kpi.report([{ batch: "A", feed: 3 }]), "kpi_bad_row");
  code(() => kpi.report(rows, { breeds: 1 }), "kpi_bad_row");
  code(() => kpi.report(rows, { figures: { "survival.v1": { value: 97, unit: "percent" } } }), "kpi_unit_mismatch");
  code(() => kpi.report([{ batch: "A", day: 0, placed: Number.NaN }]), "invalid_argument");
  code(() => kpi.report({}), "invalid_argument");
  code(() => kpi.report("batch,feed\nA,3\n"), "kpi_bad_row");
  code(() => kpi.report(""), "kpi_bad_row");
  code(() => kpi.report("batch,day,dead\nA,0,1\n", { breeds: 1 }), "kpi_bad_row");
});
