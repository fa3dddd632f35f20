// The conformance runner is strict, or its report says nothing (docs/conformance.md).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { parse, sourceOf } from "../../tests/runners/node/json.mjs";
import { difference, headerSet } from "../../tests/runners/node/matching.mjs";
import { Rejected, checkFile } from "../../tests/runners/node/shape.mjs";

const example = () => parse(readFileSync(new URL("../../tests/vectors/example.json", import.meta.url), "utf8"));

test("JSON: exact numbers, no member twice, the text of each object", () => {
  const read = parse('{"a": [9007199254740993, 1.5, -0, 1e3, "\\u0041"], "b": {"c" : 1e3}, "__proto__": 1}');
  assert.deepEqual(read.a, [9007199254740993n, 1.5, -0, 1000, "A"]);
  assert.equal(sourceOf(read.b), '{"c" : 1e3}');
  assert.deepEqual(Object.keys(read), ["a", "b", "__proto__"]);
  for (const wrong of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', "{a:1}", "[1,]", "[01]", "1 2", "", "1e999", '"\\ud800"', "[".repeat(65) + "]".repeat(65)]) assert.throws(() => parse(wrong), SyntaxError, wrong);
});

test("a file with anything unknown, missing, doubled or of another type is rejected", () => {
  checkFile(example());
  const spoilt = {
    schema: (file) => (file.schema = "gatewright-vectors-2"),
    count: (file) => (file.numberOfTests += 1),
    "member of the file": (file) => (file.extra = 1),
    "member of a group": (file) => (file.testGroups[0].extra = 1),
    "member of a test": (file) => (file.testGroups[0].tests[0].extra = 1),
    "member of a step": (file) => (file.testGroups[1].tests[0].steps[0].extra = 1),
    "member of expect": (file) => (file.testGroups[0].tests[0].expect.extra = 1),
    "type of group": (file) => (file.testGroups[0].type = "jwt.sign"),
    op: (file) => (file.testGroups[1].tests[0].steps[0].op = "constructor"),
    "tcId twice": (file) => (file.testGroups[1].tests[0].tcId = file.testGroups[0].tests[0].tcId),
    "missing now": (file) => delete file.testGroups[0].tests[0].now,
    "missing result": (file) => delete file.testGroups[0].tests[0].result,
    "expect of a sequence": (file) => (file.testGroups[1].tests[0].expect = { a: 1 }),
    "result": (file) => (file.testGroups[0].tests[0].result = "acceptable"),
    "type of seed": (file) => (file.testGroups[1].seed = { hex: "0" }),
    "two forms of bytes": (file) => (file.testGroups[1].seed = { hex: "00", utf8: "x" }),
    "fraction in now": (file) => (file.testGroups[0].tests[0].now = 1.5),
  };
  for (const [what, spoil] of Object.entries(spoilt)) {
    const file = example();
    spoil(file);
    assert.throws(() => checkFile(file), Rejected, what);
  }
});

test("matching: by value, member by member, nothing rounded", () => {
  const same = [
    [{ a: 1 }, { a: 1, b: 2 }],
    [0, -0],
    ["9007199254740993", 9007199254740993n],
    ["5", 5],
    [null, undefined],
    [null, ""],
    [{ f64: "NaN" }, NaN],
    [{ tol: 2, a: [10, { b: 5 }] }, { a: [12, { b: 3 }] }],
  ];
  for (const [expected, actual] of same) assert.equal(difference(expected, actual), undefined, String(expected));
  const other = [
    [{ a: 1 }, { b: 1 }],
    [{ a: 1 }, null],
    [[1], [1, 2]],
    [9007199254740993n, 9007199254740992],
    ["05", 5],
    [5, "5"],
    [true, 1],
    [false, null],
    [0, null],
    [{ tol: 2, a: 10 }, { a: 13 }],
    [[], {}],
  ];
  for (const [expected, actual] of other) assert.notEqual(difference(expected, actual), undefined, JSON.stringify([String(expected), String(actual)]));
  assert.deepEqual(headerSet([["B", "1"], ["a", "2"]]), [["a", "2"], ["b", "1"]]);
});

test("bytes match in whatever form they are written, and nothing else matches bytes", () => {
  const offered = { body: Buffer.from("made"), deep: { digest: Buffer.from([0, 255]) }, none: null };
  for (const good of [{ body: "made" }, { body: { utf8: "made" } }, { body: { b64: "bWFkZQ==" } }, { body: Buffer.from("made") }, { deep: { digest: { hex: "00FF" } } }]) {
    assert.equal(difference(good, offered), undefined, JSON.stringify(good));
  }
  for (const bad of [{ body: "Made" }, { body: null }, { body: "" }, { body: [109] }, { none: { hex: "" } }, { none: Buffer.alloc(0) }]) {
    assert.notEqual(difference(bad, offered), undefined, JSON.stringify(bad));
  }
});

test("header lines of an answer have an order, names without case, values byte by byte", () => {
  const lines = [["X-A", Buffer.from("1")], ["x-b", Buffer.from([255])]];
  const offered = { headers: lines, response: { headers: lines } };
  const good = [["x-a", "1"], ["X-B", { b64: "/w==" }]];
  assert.equal(difference({ headers: good, response: { headers: good } }, offered), undefined);
  for (const bad of [[good[1], good[0]], [good[0]], [], [good[0], ["x-b", "ff"]], [good[0], ["x-c", { hex: "ff" }]], [good[0], ["x-b"]], [good[0], "x-b"]]) {
    assert.notEqual(difference({ headers: bad }, offered), undefined, JSON.stringify(bad));
    assert.notEqual(difference({ response: { headers: bad } }, offered), undefined, JSON.stringify(bad));
  }
});

test("steps of idempotency.sequence: texts or binary values where bytes stand, and nothing unknown", () => {
  const file = (...steps) => ({
    schema: "gatewright-vectors-1",
    numberOfTests: 1,
    testGroups: [{ type: "idempotency.sequence", policy: {}, seed: { hex: "00" }, tests: [{ tcId: 1, result: "valid", steps }] }],
  });
  const begin = { op: "begin", now: 1, key: ["a", { hex: "ff" }], scope: { tenant: "t" }, body: "text", result: "valid", save: "a" };
  const complete = { op: "guard.complete", now: 2, guard: "$a", status: 201, headers: [["a", { hex: "ff" }]], finish_as: "store", result: "valid" };
  checkFile(file(begin, complete));
  for (const wrong of [
    { ...begin, key: ["a", 1] },
    { ...begin, key: null },
    { ...begin, scope: { user: "u" } },
    { ...begin, body: ["text"] },
    { ...begin, guard: "$a" },
    { ...complete, status: "ok" },
    { ...complete, finish_as: "drop" },
    { ...complete, op: "guard.drop" },
    { op: "guard.complete", now: 2, guard: "$a", result: "valid" },
    { op: "guard.renew", now: 2, result: "valid" },
  ]) {
    assert.throws(() => checkFile(file(wrong)), Rejected, JSON.stringify(wrong));
  }
});
