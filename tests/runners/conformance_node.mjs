#!/usr/bin/env node
// Runs conformance vectors (docs/conformance.md) through the npm package: node conformance_node.mjs <folder> <report>

import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative, sep } from "node:path";

import { GatewrightError } from "../../bindings-node/index.mjs";
import * as testing from "../../bindings-node/testing.mjs";
import { REFRESH, WEBHOOK, headersOf, milliseconds, offerChecked, requestOf } from "./node/calls.mjs";
import { IDEMPOTENCY, refusal } from "./node/idempotency.mjs";
import { parse, sourceOf } from "./node/json.mjs";
import { evaluate, reportOn } from "./node/kpi.mjs";
import { LIMITS } from "./node/limits.mjs";
import { difference, headerSet, isLines } from "./node/matching.mjs";
import { bytes, checkFile, isObject } from "./node/shape.mjs";

/** What came of a call: `offer`, or the `code` of the library's error; anything else is `error`. */
async function attempt(call) {
  try {
    return { result: "valid", offer: {}, ...(await call()) };
  } catch (error) {
    // An error with a cause is a panic or an exception of the native half that the package has wrapped.
    if (!(error instanceof GatewrightError) || error.cause !== undefined) return { result: "error", offer: {}, error };
    return {
      result: "invalid",
      code: error.code,
      problem: error.problems[0],
      offer: {
        clear_cookies: error.clearCookies ?? null,
        reason: error.reason ?? null,
        retry_after: error.retryAfterMs === undefined ? null : Math.round(error.retryAfterMs * 1000),
        server_time_ms: error.serverTimeMs ?? null,
        ...refusal(error),
      },
    };
  }
}

const outcomeOf = ({ result, code, detail = "" }) => (result === "invalid" ? `invalid:${code}` : `${result}${result === "valid" ? detail : ""}`);

/** Why an outcome is not the expected one; `undefined` if it is. */
function complaint(test, got) {
  const wanted = test.result === "invalid" && test.code !== undefined ? `invalid:${test.code}` : test.result;
  if (got.result !== test.result || (test.code !== undefined && got.code !== test.code)) return `expected ${wanted}, got ${outcomeOf(got)}`;
  const { expect } = test;
  if (expect === undefined) return undefined;
  const at = isSet(expect.headers, got.offer.headers) ? headerDifference(expect, got.offer) : difference(expect, got.offer);
  return at === undefined ? undefined : `expected ${outcomeOf(got)} with another value at ${at}`;
}

/** The headers that `sign` gives are a set; those of an answer have an order. */
const isSet = (expected, offered) => Array.isArray(expected) && Array.isArray(offered) && !isLines(offered);

function headerDifference({ headers, ...rest }, offer) {
  return difference(headerSet(headers), headerSet(offer.headers), ".headers") ?? difference(rest, offer);
}

function host(group, now = 0, environment = group.env) {
  const clock = new testing.ManualClock(milliseconds(now));
  return { clock, environment: { ...environment }, seed: group.seed === undefined ? new Uint8Array() : bytes(group.seed) };
}

/** Opens a gate for one test, and closes it. */
async function within(policy, settings, use) {
  let gate;
  const opened = await attempt(async () => {
    gate = await testing.fromPolicy(policy, settings);
  });
  if (gate === undefined) return opened;
  try {
    return await attempt(() => use(gate));
  } finally {
    await gate.close();
  }
}

const endpointPolicy = (group) => `{"version": 1, "webhooks": {"endpoints": [${sourceOf(group.endpoint)}]}}`;

/** One runner for each type: gives the outcome and, if it is wrong, the complaint. */
const RUNNERS = {
  async "jws.verify"(group, test) {
    const got = await attempt(async () => ({ offer: { payload: Buffer.from(testing.verifyJws(group.keys.map(sourceOf), test.jws)).toString("hex") } }));
    const expect = test.expect?.payload && { payload: bytes(test.expect.payload).toString("hex") };
    return judge({ ...test, expect }, got);
  },
  async "jwt.verify"(group, test) {
    const got = await within(sourceOf(group.policy), host(group, test.now), (gate) => {
      const claims = gate.tokens.verify(test.token, group.issuer === undefined ? undefined : { issuer: group.issuer });
      return { offer: { claims: parse(claims.payload) } };
    });
    return judge(test, got);
  },
  async "webhook.verify"(group, test) {
    const got = await within(endpointPolicy(group), host(group, test.now), (gate) => {
      const { headers, body } = test;
      return { offer: offerChecked(gate.webhooks.check(group.endpoint.id ?? "", headersOf(headers), bytes(body), requestOf(test))) };
    });
    return judge(test, got);
  },
  async "webhook.sign"(group, test) {
    const got = await within(endpointPolicy(group), host(group, test.now), (gate) => {
      const { id, nonce, body } = test;
      return { offer: { headers: gate.webhooks.sign(group.endpoint.id ?? "", bytes(body), { id, nonce, ...requestOf(test) }) } };
    });
    return judge(test, got);
  },
  async "config.load"(group, test) {
    const got = await within(test.text, host(group, 0, test.env), () => ({}));
    const { problem } = got;
    if (problem !== undefined) got.offer = { line: problem.line ?? null, field: problem.field };
    const where = problem === undefined ? "" : `@${problem.line ?? ""}:${problem.field}`;
    return { outcome: outcomeOf(got) + where, complaint: complaint(test, got) };
  },
  async "headers.render"(group, test) {
    const got = await within(sourceOf(group.policy), host(group), (gate) => ({
      offer: { headers: gate.limits.headers(testing.readDecision(gate, sourceOf(test.decision))) },
    }));
    return judge(test, got);
  },
  "idempotency.sequence": (group, test) => sequence(group, test, IDEMPOTENCY),
  "kpi.evaluate": async (_, test) => judge(test, await attempt(() => evaluate(test.method, test.args))),
  "kpi.report": async (_, test) => judge(test, await attempt(() => reportOn(test.rows, test.targets))),
  "limits.sequence": (group, test) => sequence(group, test, LIMITS),
  "refresh.sequence": (group, test) => sequence(group, test, REFRESH),
  "webhook.sequence": (group, test) => sequence(group, test, WEBHOOK),
};

/** A fault of the runner, or a value that the package cannot be given. */
const failed = (error) => ({ outcome: "error", complaint: "the test could not be run", error });

const judge = (test, got) => ({ outcome: outcomeOf(got), complaint: complaint(test, got), error: got.error });

class Unresolved extends Error {}

/** Puts saved values in place of references. */
function resolve(value, saved) {
  if (typeof value === "string" && value.startsWith("$")) {
    if (value.startsWith("$$")) return value.slice(1);
    const [, name, member] = /^\$([^.]*)(?:\.(.*))?$/s.exec(value);
    const kept = saved.get(name);
    if (member === undefined && kept?.handle !== undefined) return kept.handle;
    if (member !== undefined && kept !== undefined && Object.hasOwn(kept.offer, member)) return kept.offer[member];
    throw new Unresolved();
  }
  if (Array.isArray(value)) return value.map((item) => resolve(item, saved));
  return isObject(value) ? resolveMembers(value, saved) : value;
}

function resolveMembers(object, saved, untouched = []) {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [name, untouched.includes(name) ? value : resolve(value, saved)]),
  );
}

/** The decision whose permit is meant: `$name` or `$name.permit`, of one that has a permit. */
function resolvePermit(reference, saved) {
  const kept = saved.get(/^\$(.*?)(?:\.permit)?$/s.exec(reference)?.[1]);
  if (kept?.offer.permit == null) throw new Unresolved();
  return kept.handle;
}

/** These are the vector's own and never hold a reference. */
const PLAIN = ["op", "now", "result", "code", "save", "policy", "env"];

async function sequence(group, test, calls) {
  // A gate keeps the environment that it was opened with: it holds what any later policy reads as well.
  const settings = host(group, test.steps[0]?.now, Object.assign({}, group.env, ...test.steps.map((step) => step.env)));
  const gates = [];
  const opened = await attempt(async () => {
    gates.push(await testing.fromPolicy(sourceOf(group.policy), settings));
  });
  if (gates.length === 0) return { outcome: outcomeOf(opened), complaint: `the gate does not open: ${outcomeOf(opened)}`, error: opened.error };
  const saved = new Map();
  // Kept to the end: a handle that is collected would release its claim.
  const handles = [];
  const outcomes = [];
  const complaints = [];
  let policy = group.policy;
  try {
    for (const [at, step] of test.steps.entries()) {
      settings.clock.set(milliseconds(step.now));
      const gate = gates.at(-1);
      if (policy.store !== undefined && policy.tokens !== undefined) {
        const viewed = await attempt(() => testing.refreshView(gate));
        if (viewed.result !== "valid") {
          outcomes.push("error");
          complaints.push(`step ${at + 1} (${step.op}): the view cannot be refreshed: ${outcomeOf(viewed)}`);
          continue;
        }
      }
      let resolved;
      try {
        const permit = step.permit === undefined ? {} : { permit: resolvePermit(step.permit, saved) };
        resolved = { ...resolveMembers(step, saved, [...PLAIN, "permit"]), ...permit };
      } catch (error) {
        if (!(error instanceof Unresolved)) throw error;
        outcomes.push("unresolved");
        complaints.push(`step ${at + 1} (${step.op}): a reference to nothing`);
        continue;
      }
      const got = await attempt(() => calls[step.op](gate, resolved, group));
      if (got.gate !== undefined) {
        gates.push(got.gate);
        policy = step.policy;
      }
      if (got.handle !== undefined) handles.push(got.handle);
      if (step.save !== undefined) saved.set(step.save, got);
      outcomes.push(outcomeOf(got));
      // The code that `next_action` is given is an argument: the call itself is not refused.
      const wrong = complaint(step.op === "next_action" ? { ...resolved, code: undefined } : resolved, got);
      if (wrong !== undefined) complaints.push(`step ${at + 1} (${step.op}): ${wrong}`);
    }
  } finally {
    for (const gate of gates) await gate.close();
    handles.length = 0;
  }
  return { outcome: outcomes.join(" "), complaint: complaints.join("; ") || undefined };
}

function filesBelow(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".json"));
  return files.map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/")).sort();
}

async function runFile(folder, name, tally) {
  let file;
  try {
    file = parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(join(folder, name))));
    checkFile(file);
  } catch (error) {
    tally.failed += 1;
    console.log(`FAIL ${name}: rejected: ${error.message}`);
    return { file: "rejected" };
  }
  const outcomes = {};
  for (const group of file.testGroups) {
    for (const test of group.tests) {
      const { outcome, complaint, error } = await RUNNERS[group.type](group, test).catch(failed);
      outcomes[test.tcId] = outcome;
      if (complaint === undefined) tally.passed += 1;
      else {
        tally.failed += 1;
        console.log(`FAIL ${name} tcId ${test.tcId}: ${complaint}${error === undefined ? "" : ` (${error.name})`}`);
      }
    }
  }
  return outcomes;
}

const [folder, reportPath] = process.argv.slice(2);
if (reportPath === undefined) {
  console.error("usage: conformance_node.mjs <folder> <report>");
  process.exit(2);
}
const tally = { passed: 0, failed: 0 };
const report = {};
for (const name of filesBelow(folder)) report[name] = await runFile(folder, name, tally);
writeFileSync(reportPath, JSON.stringify(report, null, 1) + "\n");
console.log(`node: ${tally.passed} passed, ${tally.failed} failed`);
process.exitCode = tally.failed === 0 && tally.passed > 0 ? 0 : 1;
