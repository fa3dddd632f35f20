// Compares what a call offered with what a vector expects.

import { isObject } from "./shape.mjs";

const isNumber = (value) => typeof value === "number" || typeof value === "bigint";
const isDigits = (value) => typeof value === "string" && /^-?\d+$/.test(value);
const isNothing = (value) => value === null || value === undefined || value === "";
const SPECIAL = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };

/** Where the two differ, as a path; `undefined` if they match. */
export function difference(expected, actual, path = "", tolerance = 0) {
  if (isObject(expected)) {
    const names = Object.keys(expected);
    if (names.length === 1 && names[0] === "f64" && Object.hasOwn(SPECIAL, expected.f64)) {
      return Object.is(SPECIAL[expected.f64], actual) ? undefined : path;
    }
    if (!isObject(actual)) return path || "the whole";
    const within = expected.tol === undefined ? tolerance : Number(expected.tol);
    for (const name of names.filter((name) => name !== "tol")) {
      const found = difference(expected[name], actual[name], `${path}.${name}`, within);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return path;
    for (const [at, item] of expected.entries()) {
      const found = difference(item, actual[at], `${path}[${at}]`, tolerance);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return equal(expected, actual, tolerance) ? undefined : path;
}

function equal(expected, actual, tolerance) {
  if (expected === null || actual === null || actual === undefined) return isNothing(expected) && isNothing(actual);
  if (isNumber(expected) && isNumber(actual)) {
    // `==` compares a BigInt and a number by their exact values.
    return expected == actual || (tolerance > 0 && Math.abs(Number(expected) - Number(actual)) <= tolerance);
  }
  if (isDigits(expected) && isNumber(actual)) return expected === String(actual);
  return expected === actual;
}

/** Headers as a set of (lower-case name, value). */
export function headerSet(pairs) {
  return pairs.map(([name, value]) => [name.toLowerCase(), value]).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
