// kpi.evaluate and kpi.report, through the public functions: arguments from their wire names, results to them.

import { createHash } from "node:crypto";

import { InvalidArgument, kpi } from "../../../bindings-node/index.mjs";
import { parse } from "./json.mjs";
import { isObject, octets } from "./shape.mjs";

const SPECIAL = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };
/** Arguments whose texts are texts; any other text of digits is a whole number. */
const TEXTS = ["basis", "fcr_basis", "id", "method", "reason", "unit"];
/** Objects whose names are the caller's own. */
const NAMED = ["figures", "norms", "weights"];

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());
const snake = (name) => name.replace(/95(?=[A-Z])/g, "95_").replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replaceAll("__", "_");
const refused = (message) => new InvalidArgument({ code: "invalid_argument", message });

/** Calls the function of a method. */
export function evaluate(method, args) {
  const result = resultOf(method, args);
  if (Array.isArray(result)) return { offer: { id: "rank.v1", value: result.map((ranked) => ({ ...ranked })), n: result.length } };
  const offer = Object.fromEntries(Object.entries(result).map(([name, member]) => [snake(name), member]));
  // Norms are a list, which is never undefined.
  return { offer: Array.isArray(offer.value) ? { ...offer, status: "ok" } : offer };
}

/** Reports on rows or a table. The digest of the report's text is part of the outcome. */
export function reportOn(rows, targets) {
  const text = kpi.report(Array.isArray(rows) ? rows : octets(rows), targets).toJson();
  const offer = parse(text);
  const byId = ({ figures }) => Object.fromEntries(figures.map((figure) => [figure.kpi.id, { ...figure.kpi, target: figure.target, deviation: figure.deviation }]));
  offer.figures = Object.fromEntries(offer.batches.map((batch) => [batch.batch, byId(batch)]));
  return { offer, detail: `:${createHash("sha256").update(text).digest("hex")}` };
}

function resultOf(method, args) {
  if (Object.hasOwn(ACCUMULATORS, method)) return accumulated(ACCUMULATORS[method], args);
  if (!kpi.METHODS.includes(method)) throw refused("method: name a figure by its id");
  const name = camel(method.replace(/\.v1$/, "").replaceAll(".", "_"));
  return kpi[name](Object.fromEntries(Object.entries(args).map(([argument, value]) => [camel(argument), given(value, argument)])));
}

function given(value, name) {
  if (Array.isArray(value)) return value.map((item) => given(item, ""));
  if (typeof value === "string") return !TEXTS.includes(name) && /^-?\d+$/.test(value) ? BigInt(value) : value;
  if (!isObject(value)) return value;
  const names = Object.keys(value);
  if (names.length === 1 && Object.hasOwn(SPECIAL, value.f64)) return SPECIAL[value.f64];
  if (names.length === 2 && "method" in value && "args" in value) return resultOf(value.method, value.args);
  const own = NAMED.includes(name);
  return Object.fromEntries(names.map((member) => [own ? member : camel(member), given(value[member], own ? "" : member)]));
}

const ACCUMULATORS = { "moments.integer.v1": kpi.Moments, "moments.f64.v1": kpi.FloatMoments };

/** Adds each part to an accumulator of its own, and merges these from left to right. */
function accumulated(Kind, { parts, values, ...more }) {
  const lists = values === undefined ? parts : [values];
  if (!Array.isArray(lists) || (parts !== undefined && values !== undefined) || Object.keys(more).length > 0) throw refused("arguments: give parts or values");
  const whole = new Kind();
  for (const list of lists) {
    const part = new Kind();
    part.addAll(given(list, ""));
    whole.merge(part);
  }
  return whole.snapshot();
}
