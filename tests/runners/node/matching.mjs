// Compares what a call offered with what a vector expects.

import { isObject, octets } from "./shape.mjs";

const isNumber = (value) => typeof value === "number" || typeof value === "bigint";
const isDigits = (value) => typeof value === "string" && /^-?\d+$/.test(value);
const isNothing = (value) => value === null || value === undefined || value === "";
const SPECIAL = { NaN: NaN, Infinity: Infinity, "-Infinity": -Infinity };

/** Where the two differ, as a path; `undefined` if they match. */
export function difference(expected, actual, path = "", tolerance = 0) {
  if (actual instanceof Uint8Array || expected instanceof Uint8Array) return sameBytes(expected, actual) ? undefined : path;
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
    const compare = isLines(actual) ? lineDifference : difference;
    for (const [at, item] of expected.entries()) {
      const found = compare(item, actual[at], `${path}[${at}]`, tolerance);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return equal(expected, actual, tolerance) ? undefined : path;
}

/** Bytes are equal in whatever form they are written. */
function sameBytes(expected, actual) {
  return actual instanceof Uint8Array && octets(expected)?.equals(actual) === true;
}

/** Whether these are the header lines of an answer, whose values are bytes. */
export function isLines(actual) {
  const isLine = (pair) => Array.isArray(pair) && typeof pair[0] === "string" && pair[1] instanceof Uint8Array;
  return Array.isArray(actual) && actual.length > 0 && actual.every(isLine);
}

/** Header lines compare in their order, names without case and values byte by byte. */
function lineDifference(expected, [name, value], path) {
  const same = Array.isArray(expected) && expected.length === 2 && typeof expected[0] === "string" && expected[0].toLowerCase() === name.toLowerCase();
  return same && sameBytes(expected[1], value) ? undefined : path;
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
