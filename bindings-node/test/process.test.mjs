// Workers, exits and memory: what goes wrong with native add-ons under load, not in unit tests.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { Worker } from "node:worker_threads";

const here = (name) => new URL(name, import.meta.url);

function run(program, ...flags) {
  return spawnSync(process.execPath, [...flags, here(`programs/${program}`).pathname], { encoding: "utf8", timeout: 120_000 });
}

test("a process ends by itself with gates open, promises pending and a listener", () => {
  for (let round = 0; round < 5; round += 1) {
    const ended = run("pending.mjs");
    assert.deepEqual([ended.status, ended.signal, ended.stderr], [0, null, ""]);
    assert.equal(ended.stdout, "started\n");
  }
});

test("process.exit amid pending promises is clean", () => {
  for (let round = 0; round < 10; round += 1) {
    const ended = run("exit.mjs");
    assert.deepEqual([ended.status, ended.signal, ended.stderr], [7, null, ""]);
  }
});

test("worker threads have gates of their own, and end with or without closing them", async () => {
  const results = await Promise.all(
    Array.from({ length: 4 }, async (_, index) => {
      const worker = new Worker(here("programs/worker.mjs"), { workerData: { index } });
      const said = new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
      const exited = new Promise((resolve) => worker.once("exit", resolve));
      return { said: await said, code: await exited };
    }),
  );
  assert.deepEqual(results, Array.from({ length: 4 }, (_, index) => ({ said: `u-${index}`, code: 0 })));
});

test("a worker that is terminated amid calls takes nothing down", async () => {
  for (let round = 0; round < 5; round += 1) {
    const worker = new Worker(here("programs/busy.mjs"));
    await new Promise((resolve, reject) => worker.once("message", resolve).once("error", reject));
    await worker.terminate();
  }
});

test("memory stays flat over 200,000 verifications and 20,000 refused ones", () => {
  const soaked = run("soak.mjs", "--expose-gc");
  assert.equal(soaked.status, 0, soaked.stderr);
  const { grown } = JSON.parse(soaked.stdout);
  // A leak of one claims text or body a call would be 100 MiB and more.
  assert.ok(grown < 40 * 1024 * 1024, `resident memory grew by ${grown} bytes`);
});
