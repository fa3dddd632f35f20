// The packed package and the package of this platform, unpacked where npm would put them, used from ESM and CommonJS.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

function unpack(folder, from, name) {
  execFileSync("npm", ["pack", "--pack-destination", folder], { cwd: from, stdio: "pipe" });
  const into = join(folder, "node_modules", name);
  mkdirSync(into, { recursive: true });
  const version = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version;
  execFileSync("tar", ["xzf", join(folder, `${name}-${version}.tgz`), "-C", into, "--strip-components", "1"]);
  return into;
}

test("an installed package works in both module systems, and loads its own binary", () => {
  const folder = mkdtempSync(join(tmpdir(), "gatewright-"));
  const platforms = join(root, "npm");
  execFileSync("npm", ["run", "platforms"], { cwd: root, stdio: "pipe" });
  const [binary] = readdirSync(root).filter((name) => name.endsWith(".node"));
  const platform = binary.split(".")[1];
  copyFileSync(join(root, binary), join(platforms, platform, binary));

  const installed = unpack(folder, root, "gatewright");
  unpack(folder, join(platforms, platform), `gatewright-${platform}`);
  assert.ok(!readdirSync(installed).some((name) => name.endsWith(".node")), "the binary comes from the platform's package");

  const use = 'fromPolicy({ version: 1 }).then((gate) => gate.close()).then(() => console.log(typeof Gate.open, new TokenError({ code: "jwt_type", message: "" }).publicCode));';
  writeFileSync(join(folder, "esm.mjs"), `import { Gate, TokenError } from "gatewright";\nimport { fromPolicy } from "gatewright/testing";\n${use}\n`);
  writeFileSync(join(folder, "cjs.cjs"), `const { Gate, TokenError } = require("gatewright");\nconst { fromPolicy } = require("gatewright/testing");\n${use}\n`);
  for (const program of ["esm.mjs", "cjs.cjs"]) {
    assert.equal(execFileSync(process.execPath, [program], { cwd: folder, encoding: "utf8" }), "function token_invalid\n", program);
  }
});
