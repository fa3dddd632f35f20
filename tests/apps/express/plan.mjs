// What the suite wants done: see the README beside the apps.
import { randomUUID } from "node:crypto";
import { existsSync, writeSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

const MEMBERS = ["id", "steps", "status", "headers", "body", "size", "chunks", "fail_after"];

/** The plan of a request. */
export function planOf(request) {
  const plan = JSON.parse(request.headers["x-plan"] ?? "{}");
  for (const name of Object.keys(plan)) if (!MEMBERS.includes(name)) throw new Error(`bad plan: ${name}`);
  return { id: "", steps: [], status: 201, headers: [], ...plan };
}

const STEPS = {
  async until(_, path) {
    while (!existsSync(path)) await pause(10);
  },
  sleep: (_, milliseconds) => pause(milliseconds),
  mark: (guard) => guard?.markEffects(),
  checkpoint: (guard, name, text) => guard?.checkpoint(name, Buffer.from(text)),
  renew: (guard) => guard?.renew(),
  release: (guard) => guard?.release(),
  throw() {
    throw new Error("the plan says so");
  },
  crash: () => process.kill(process.pid, "SIGKILL"),
};

/** Does the steps, and gives the answer as `{ status, headers, body }`. */
export async function run(plan, journal, { guard, checkpoint } = {}, received = 0) {
  writeSync(journal, `${plan.id} ${guard?.attempt ?? 0} ${checkpoint?.name ?? "-"}\n`);
  for (const [name, ...given] of plan.steps) {
    if (name === "tell") writeSync(journal, `${plan.id} ${given[0]}\n`);
    else await STEPS[name](guard, ...given);
  }
  writeSync(journal, `${plan.id} done\n`);

  const { status, headers } = plan;
  if (plan.body !== undefined) return { status, headers, body: Buffer.from(plan.body, "base64") };
  if (plan.size !== undefined) return { status, headers, body: Buffer.alloc(plan.size, "x") };
  const reached = checkpoint === undefined ? null : [checkpoint.name, Buffer.from(checkpoint.data).toString()];
  const document = { id: plan.id, run: randomUUID(), attempt: guard?.attempt ?? null, fence: guard?.fence ?? null, checkpoint: reached, bytes: received };
  return { status, headers: [["content-type", "application/json"], ...headers], body: Buffer.from(JSON.stringify(document)) };
}

/** Sends an answer, in pieces where the plan says so. */
export async function send(response, { status, headers, body }, { chunks = 0, fail_after: failAfter } = {}) {
  response.writeHead(status, headers.flat());
  if (chunks === 0) return response.end(body);
  for (let left = chunks, at = 0; left > 0; left -= 1) {
    if (chunks - left === failAfter) throw new Error("the plan says so");
    const size = Math.ceil((body.length - at) / left);
    response.write(body.subarray(at, at + size));
    at += size;
    await pause(5);
  }
  response.end();
}
