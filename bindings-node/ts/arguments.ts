/** Reads arguments: whatever has a wrong type is `invalid_argument`, and never reaches the native half. */
import { isDate, isMap, isSharedArrayBuffer, isUint8Array } from "node:util/types";

import { invalidArgument } from "./errors.js";

/** An instant: a `Date`, or milliseconds since 1970 (a fraction keeps its microseconds). */
export type Instant = Date | number;

/** A text. One with a lone surrogate has no UTF-8 form, and two such texts must not become the same name. */
export function text(argument: string, value: unknown): string {
  if (typeof value !== "string") throw invalidArgument(argument, `give a string, not ${kind(value)}`);
  if (!value.isWellFormed()) throw invalidArgument(argument, "give a string without lone surrogates");
  return value;
}

/** A token is ASCII or it is refused, so its characters need no look. */
export function token(argument: string, value: unknown): string {
  if (typeof value !== "string") throw invalidArgument(argument, `give a string, not ${kind(value)}`);
  return value;
}

export function texts(argument: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw invalidArgument(argument, `give an array of strings, not ${kind(value)}`);
  return Array.from(value, (item, index) => text(`${argument}[${index}]`, item));
}

/** Bytes. Shared memory is copied: another thread may write to it during the call. */
export function bytes(argument: string, value: unknown): Uint8Array {
  if (!isUint8Array(value)) throw invalidArgument(argument, `give a Uint8Array or Buffer, not ${kind(value)}`);
  return isSharedArrayBuffer(value.buffer) ? Uint8Array.from(value) : value;
}

/** The body of a request as it came over the wire. */
export function body(value: unknown): Uint8Array {
  if (isUint8Array(value)) return bytes("body", value);
  throw invalidArgument(
    "body",
    `give the bytes as they were received (Uint8Array or Buffer), not ${kind(value)}; a decoded or parsed body cannot be verified. ` +
      'With Express: app.use("/hooks", express.raw({ type: "*/*" }))',
  );
}

/** Whole microseconds since 1970. */
export function micros(argument: string, value: unknown): number {
  const milliseconds = isDate(value) ? value.getTime() : value;
  if (typeof milliseconds !== "number") throw invalidArgument(argument, `give a Date or milliseconds since 1970, not ${kind(value)}`);
  const whole = Math.round(milliseconds * 1000);
  if (!Number.isSafeInteger(whole)) throw invalidArgument(argument, "give an instant between the years 1685 and 2255");
  return whole;
}

/** The members of an options object. A member that the call does not know is refused: a misspelt one must not be ignored. */
export function options(argument: string, value: unknown, known: readonly string[]): Readonly<Record<string, unknown>> {
  if (value === undefined) return {};
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidArgument(argument, `give an object, not ${kind(value)}`);
  }
  for (const name of Object.keys(value)) {
    if (!known.includes(name)) throw invalidArgument(`${argument}.${name}`, `no such member; there are ${known.join(", ")}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

/** An optional member: absent stays absent. `null` counts as absent, as databases give it. */
export function optional<K extends string, T>(
  name: K,
  from: Readonly<Record<string, unknown>>,
  read: (argument: string, value: unknown) => T,
  within = "",
): { [P in K]?: T } {
  const value = from[name];
  if (value === undefined || value === null) return {};
  return { [name]: read(within + name, value) } as { [P in K]: T };
}

/**
 * The text of a JSON object. It differs from `JSON.stringify` in that nothing is lost here: a BigInt is its digits, a Map is an
 * object, and what JSON cannot say (NaN, a function, a hole in an array) is refused where that would write `null`.
 */
export function json(argument: string, value: unknown): string {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidArgument(argument, `give a plain object, not ${kind(value)}`);
  }
  return write(argument, value, []);
}

/** Deeper than any policy or set of claims may be. */
const MAX_DEPTH = 128;

function write(path: string, value: unknown, above: readonly object[]): string {
  switch (typeof value) {
    case "string":
    case "boolean":
      return JSON.stringify(value);
    case "bigint":
      return value.toString();
    case "number":
      if (Number.isFinite(value)) return JSON.stringify(value);
      throw invalidArgument(path, `give a finite number, not ${kind(value)}`);
    case "object":
      return value === null ? "null" : writeObject(path, value, above);
    default:
      throw invalidArgument(path, `give a value that JSON has, not ${kind(value)}`);
  }
}

function writeObject(path: string, value: object, above: readonly object[]): string {
  if (above.includes(value) || above.length === MAX_DEPTH) throw invalidArgument(path, "give an object without cycles");
  const within = [...above, value];
  if ("toJSON" in value && typeof value.toJSON === "function") return write(path, value.toJSON(), within);
  if (Array.isArray(value)) return `[${Array.from(value, (item, index) => write(`${path}[${index}]`, item, within)).join()}]`;
  const members: [unknown, unknown][] = isMap(value) ? [...value] : Object.entries(value);
  const written = members
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(text(path, name))}:${write(`${path}.${String(name)}`, member, within)}`);
  return `{${written.join()}}`;
}

/** What a value is, in words, and never the value itself: it may be a secret. */
export function kind(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object") return "an object";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value === undefined ? "undefined" : `a ${typeof value}`;
}
