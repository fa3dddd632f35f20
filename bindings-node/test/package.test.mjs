// What a stranger gets who installs the package: both module systems, one set of classes, no sources of the native half.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { test } from "node:test";

import * as esm from "gatewright";
import * as esmExpress from "gatewright/express";
import * as esmFastify from "gatewright/fastify";
import * as esmTesting from "gatewright/testing";

const require = createRequire(import.meta.url);
const root = new URL("..", import.meta.url);

test("import and require give the same names and the same classes", () => {
  for (const [imported, required] of [
    [esm, require("gatewright")],
    [esmTesting, require("gatewright/testing")],
    [esmExpress, require("gatewright/express")],
    [esmFastify, require("gatewright/fastify")],
  ]) {
    assert.deepEqual(Object.keys(imported).sort(), Object.keys(required).sort());
    for (const name of Object.keys(imported)) assert.equal(imported[name], required[name], name);
  }
});

test("the native half is no entry of the package", async () => {
  await assert.rejects(import("gatewright/native.cjs"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
  assert.throws(() => require("gatewright/dist/native.js"), { code: "ERR_PACKAGE_PATH_NOT_EXPORTED" });
});

test("npm packs what package.json lists, and no source, secret or binary", () => {
  const [{ files }] = JSON.parse(execFileSync("npm", ["pack", "--dry-run", "--json"], { cwd: root, encoding: "utf8" }));
  const paths = files.map((file) => file.path);
  for (const needed of ["package.json", "README.md", "LICENSE-MIT", "LICENSE-APACHE", "index.mjs", "index.d.mts", "testing.mjs", "testing.d.mts", "express.mjs", "express.d.mts", "fastify.mjs", "fastify.d.mts", "native.cjs", "dist/index.js", "dist/index.d.ts"]) {
    assert.ok(paths.includes(needed), `${needed} is missing`);
  }
  for (const path of paths) {
    assert.doesNotMatch(path, /\.rs$|\.toml$|\.node$|^ts\/|^test\/|^bench\/|^src\/|^npm\/|node_modules|\.npmrc|\.lock$|-lock\.json$/, path);
  }
});

test("the glue, and its types, need neither framework", () => {
  for (const name of ["express", "fastify"]) {
    for (const file of [`dist/${name}.js`, `dist/${name}.d.ts`]) {
      const source = readFileSync(new URL(file, root), "utf8");
      assert.doesNotMatch(source.replace(/\/\*[^]*?\*\//g, ""), /(?:from|require\(|import\() ?["'](?:express|fastify)/, file);
    }
  }
});

test("the lock file names no registry", () => {
  assert.doesNotMatch(readFileSync(new URL("package-lock.json", root), "utf8"), /"resolved":/);
});

test("every synchronous function of the native half catches a panic", () => {
  const sources = readdirSync(new URL("src/", root)).map((name) => readFileSync(new URL(`src/${name}`, root), "utf8"));
  const exports = sources.flatMap((source) => source.match(/#\[napi[^\]]*\]\s*pub (?:async )?fn \w+/g) ?? []);
  assert.ok(exports.length > 20);
  for (const exported of exports) assert.match(exported, /catch_unwind/);
});

test("the table of error codes is the one of the core", () => {
  const table = JSON.parse(readFileSync(new URL("../tests/errors.json", root), "utf8"));
  const wire = ({ publicCode: public_code, nextAction: next_action, ...rest }) => ({ ...rest, public_code, next_action });
  const sorted = (rows) => rows.toSorted((a, b) => (a.code < b.code ? -1 : 1));
  assert.deepEqual(sorted(esm.errorCodes().map(wire)), sorted(table));
});
