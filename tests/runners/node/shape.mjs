// The form of a vector file (docs/conformance.md). Whatever is not named there rejects the whole file.

export class Rejected extends Error {}

export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value) => typeof value === "string";
const isWhole = (value) => Number.isInteger(value) || typeof value === "bigint" || (isText(value) && /^-?\d+$/.test(value));
const isList = (item) => (value) => Array.isArray(value) && value.every(item);
const isAny = () => true;

export function isBinary(value) {
  if (!isObject(value)) return false;
  const [[form, content] = [], ...more] = Object.entries(value);
  if (more.length > 0 || !isText(content)) return false;
  if (form === "hex") return /^([0-9a-fA-F]{2})*$/.test(content);
  if (form === "b64") return Buffer.from(content, "base64").toString("base64") === content;
  return form === "utf8";
}

export function bytes(binary) {
  const [[form, content]] = Object.entries(binary);
  return Buffer.from(content, { b64: "base64", hex: "hex", utf8: "utf8" }[form]);
}

/** The bytes of a binary value, the UTF-8 bytes of a text, or bytes that were saved; `undefined` for anything else. */
export function octets(value) {
  if (value instanceof Uint8Array) return value;
  if (isText(value)) return Buffer.from(value, "utf8");
  return isBinary(value) ? bytes(value) : undefined;
}

const isBytes = (value) => isText(value) || isBinary(value);
const isPair = (value) => Array.isArray(value) && value.length === 2 && isText(value[0]) && (isText(value[1]) || isBinary(value[1]));
const isHeaders = isList(isPair);
const isTexts = isList(isText);
const hasTexts = (value) => isObject(value) && Object.values(value).every(isText);
/** An object of texts with these members at most. */
const record =
  (...names) =>
  (value) =>
    hasTexts(value) && Object.keys(value).every((name) => names.includes(name));
const isRequest = record("method", "url");
const isContext = record("request_id", "trace_id", "method", "endpoint", "ip", "user_agent");
const isDpop = record("proof", "method", "url");
const isScope = record("tenant", "principal", "method", "path");
const isDevice = record("id", "kind", "name", "platform", "app_version");

const isPart = (part, at) => (at < 2 ? isText(part) : at === 2 && isWhole(part));
/** `[policy, subject, cost?]` or `{policy, subject, cost?}`. */
function isItem(item) {
  if (Array.isArray(item)) return item.length >= 2 && item.every(isPart);
  const place = (name) => ["policy", "subject", "cost"].indexOf(name);
  const isMember = ([name, part]) => place(name) >= 0 && isPart(part, place(name));
  return isObject(item) && "policy" in item && "subject" in item && Object.entries(item).every(isMember);
}

const UNITS = { us: 1n, ms: 1_000n, s: 1_000_000n, m: 60_000_000n, h: 3_600_000_000n, d: 86_400_000_000n };

/** The µs of a duration as a policy writes it, or whole µs; `undefined` for anything else. */
export function durationOf(value) {
  if (isWhole(value)) return BigInt(value);
  const [, digits, unit] = (isText(value) && /^(\d+)(us|ms|s|m|h|d)$/.exec(value)) || [];
  const micros = digits === undefined ? undefined : BigInt(digits) * UNITS[unit];
  return micros !== undefined && micros < 2n ** 63n ? micros : undefined;
}

/** Members by name; a name that ends in `?` may be absent. A text `$…` stands for a value of any type where `references` is set. */
function members(where, value, shape, references = false) {
  if (!isObject(value)) throw new Rejected(`${where} is no object`);
  const known = new Map(Object.entries(shape).map(([name, check]) => [name.replace("?", ""), check]));
  for (const [name, content] of Object.entries(value)) {
    const check = known.get(name);
    if (check === undefined) throw new Rejected(`${where} has an unknown member ${name}`);
    const reference = references && isText(content) && content.startsWith("$");
    if (!reference && !check(content)) throw new Rejected(`${where}.${name} has a wrong type`);
  }
  for (const name of Object.keys(shape)) {
    if (!name.endsWith("?") && !(name in value)) throw new Rejected(`${where}.${name} is missing`);
  }
}

const GROUPS = {
  "jws.verify": { keys: isList(isObject) },
  "jwt.verify": { policy: isObject, "env?": hasTexts, "issuer?": isText },
  "headers.render": { policy: isObject, "env?": hasTexts },
  "idempotency.sequence": { policy: isObject, "env?": hasTexts, seed: isBinary },
  "kpi.evaluate": {},
  "kpi.report": {},
  "limits.sequence": { policy: isObject, "env?": hasTexts, seed: isBinary },
  "refresh.sequence": { policy: isObject, "env?": hasTexts, seed: isBinary },
  "webhook.sequence": { policy: isObject, "env?": hasTexts, seed: isBinary },
  "webhook.verify": { endpoint: isObject, "env?": hasTexts },
  "webhook.sign": { endpoint: isObject, "env?": hasTexts, "seed?": isBinary },
  "config.load": {},
};

const TESTS = {
  "jws.verify": { jws: isText },
  "jwt.verify": { now: isWhole, token: isText },
  "headers.render": { decision: isObject },
  "idempotency.sequence": { steps: Array.isArray },
  "kpi.evaluate": { method: isText, args: isObject },
  "kpi.report": { rows: (value) => isBytes(value) || isList(isObject)(value), "targets?": isObject },
  "limits.sequence": { steps: Array.isArray },
  "refresh.sequence": { steps: Array.isArray },
  "webhook.sequence": { steps: Array.isArray },
  "webhook.verify": { now: isWhole, headers: isHeaders, body: isBinary, "request?": isRequest },
  "webhook.sign": { now: isWhole, body: isBinary, "id?": isText, "nonce?": isText, "request?": isRequest },
  "config.load": { format: (value) => value === "toml" || value === "json", text: isText, "env?": hasTexts },
};

const FIGURE = `id value status reason unit num den n missing basis coverage warnings
  mean sd ci95_low ci95_high min max tol`.split(/\s+/);
const REPORT = "batches ranking farm targets batch_count rows problem_count problems figures tol".split(" ");

const EXPECT = {
  "jws.verify": { "payload?": isBinary },
  "jwt.verify": { "claims?": isAny, "tol?": isAny },
  "headers.render": { "headers?": isAny },
  "idempotency.sequence": {},
  "kpi.evaluate": Object.fromEntries(FIGURE.map((name) => [`${name}?`, isAny])),
  "kpi.report": Object.fromEntries(REPORT.map((name) => [`${name}?`, isAny])),
  "limits.sequence": {},
  "refresh.sequence": {},
  "webhook.sequence": {},
  "webhook.verify": { "key_id?": isAny, "timestamp?": isAny, "id?": isAny, "nonce?": isAny, "server_time_ms?": isAny, "tol?": isAny },
  "webhook.sign": { "headers?": isList(isTexts) },
  "config.load": { "line?": isAny, "field?": isAny, "tol?": isAny },
};

const texts = (...names) => Object.fromEntries(names.map((name) => [name, isText]));
const REFRESH = { "token?": isText, "dpop?": isDpop, "client?": isText, "tenant?": isText, "device_id?": isText };
const CHECK = { "endpoint?": isText, "headers?": isHeaders, body: isBinary, "request?": isRequest };

const GUARD = texts("guard");
const SUBJECT = texts("policy?", "subject?");
const CHARGE = { ...SUBJECT, "cost?": isWhole };
const ACCOUNT = texts("policy?", "identifier?", "device?");

/** The arguments of each op. A required text that is absent is "". */
const ARGUMENTS = {
  "idempotency.sequence": {
    begin: {
      "key?": (value) => isBytes(value) || isList(isBytes)(value),
      "scope?": isScope,
      "body?": isBytes,
      "fingerprint?": isBytes,
      ...texts("content_type?", "query?", "route?"),
    },
    "guard.mark_effects": GUARD,
    "guard.renew": GUARD,
    "guard.release": GUARD,
    "guard.checkpoint": { ...GUARD, "name?": isText, "bytes?": isBytes },
    "guard.complete": {
      ...GUARD,
      status: isWhole,
      "headers?": isHeaders,
      "body?": isBytes,
      "finish_as?": (value) => value === "store" || value === "release",
    },
    new_key: {},
    next_action: { status: isWhole, "code?": isText },
    reopen: { policy: isObject, "env?": hasTexts },
  },
  "limits.sequence": {
    check: CHARGE,
    check_local: CHARGE,
    allow_local: CHARGE,
    peek: SUBJECT,
    reset: SUBJECT,
    check_all: { bundle: isList(isItem) },
    reserve: { ...CHARGE, max_wait: (value) => durationOf(value) !== undefined },
    refund: { ...texts("permit"), "cost?": isWhole },
    headers: texts("decision"),
    parse_headers: { headers: isHeaders },
    "lockout.begin": ACCOUNT,
    "lockout.unlock": ACCOUNT,
    "lockout.status": ACCOUNT,
    "attempt.settle": { ...texts("attempt"), success: (value) => typeof value === "boolean" },
    "attempt.abandon": texts("attempt"),
    reopen: { policy: isObject, "env?": hasTexts },
  },
  "refresh.sequence": {
    issue: {
      ...texts("subject?", "client?", "tenant?", "scope?", "dpop_jkt?"),
      "roles?": isTexts,
      "amr?": isTexts,
      "device?": isDevice,
      "claims?": isObject,
      "auth_time?": isWhole,
    },
    refresh: { ...REFRESH, "retry_key?": isBinary },
    refresh_access_only: REFRESH,
    verify: { ...texts("access?", "issuer?"), "dpop?": isDpop },
    verify_fresh: { ...texts("access?"), "dpop?": isDpop },
    confirm: texts("access?"),
    revoke: texts("token?"),
    "sessions.revoke": texts("tenant?", "subject?", "session_id?"),
    "sessions.revoke_others": texts("tenant?", "subject?", "keep?"),
    "sessions.revoke_all": texts("tenant?", "subject?"),
    "epochs.bump_subject": texts("tenant?", "subject?", "reason?"),
    "epochs.bump_tenant": texts("tenant?", "reason?"),
    "epochs.bump_all": texts("reason?"),
    reopen: { policy: isObject, "env?": hasTexts },
  },
  "webhook.sequence": {
    sign: { ...texts("endpoint?", "id?", "nonce?"), body: isBinary, "request?": isRequest },
    check: CHECK,
    verify: CHECK,
    "verified.commit": texts("verified"),
    "verified.release": texts("verified"),
    reopen: { policy: isObject, "env?": hasTexts },
  },
};

const isResult = (value) => value === "valid" || value === "invalid";

function checkStep(where, step, ops) {
  const shape = isObject(step) && Object.hasOwn(ops, step.op) ? ops[step.op] : undefined;
  if (shape === undefined) throw new Rejected(`${where} has an unknown op`);
  const common = { op: isText, now: isWhole, result: isResult, "code?": isText, "expect?": isObject, "save?": isText, "context?": isContext };
  members(where, step, { ...shape, ...common }, true);
}

/** Checks a whole file; throws `Rejected`. */
export function checkFile(file) {
  members("the file", file, { schema: isText, numberOfTests: Number.isInteger, "notes?": hasTexts, testGroups: Array.isArray });
  if (file.schema !== "gatewright-vectors-1") throw new Rejected("the schema is unknown");
  const ids = new Set();
  let count = 0;
  for (const [at, group] of file.testGroups.entries()) {
    const where = `group ${at}`;
    const shape = isObject(group) && Object.hasOwn(GROUPS, group.type) ? GROUPS[group.type] : undefined;
    if (shape === undefined) throw new Rejected(`${where} has an unknown type`);
    members(where, group, { type: isText, tests: Array.isArray, ...shape });
    for (const test of group.tests) {
      checkTest(`${where}, a test`, test, group.type);
      if (ids.has(test.tcId)) throw new Rejected(`tcId ${test.tcId} stands twice`);
      ids.add(test.tcId);
      count += 1;
    }
  }
  if (count !== file.numberOfTests) throw new Rejected(`numberOfTests is ${file.numberOfTests}, there are ${count}`);
}

function checkTest(where, test, type) {
  const common = { tcId: Number.isInteger, "comment?": isText, "flags?": isTexts, result: isResult, "code?": isText, "expect?": isObject };
  members(where, test, { ...common, ...TESTS[type] });
  if (test.expect !== undefined) members(`${where}: expect`, test.expect, EXPECT[type]);
  for (const step of test.steps ?? []) checkStep(`${where}: a step`, step, ARGUMENTS[type]);
}
