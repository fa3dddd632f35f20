// The types hold in both module systems under `tsc --strict`, checked from the declarations that are shipped.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";

test("tsc --strict accepts the samples, and refuses what it should", () => {
  const manifest = createRequire(import.meta.url).resolve("typescript/package.json");
  const project = new URL("types/", import.meta.url).pathname;
  const checked = spawnSync(process.execPath, [join(dirname(manifest), "bin", "tsc"), "-p", project], { encoding: "utf8" });
  assert.equal(checked.status, 0, checked.stdout + checked.stderr);
});
