/**
 * Reads the headers of a request in any of the forms in which Node and its frameworks give them.
 *
 * A value that is a string stands for its UTF-8 bytes, as in the other languages. Node decodes the bytes of the wire as
 * Latin-1, which differs only beyond ASCII, and no scheme has a signature, time, nonce or id beyond ASCII: such a
 * value is refused in either reading. Where the exact bytes are wanted, give a `Uint8Array` as the value.
 */
import { isUint8Array } from "node:util/types";

import { bytes, kind } from "./arguments.js";
import { invalidArgument } from "./errors.js";

/** The value of one header; an array stands for a header that is there more than once. */
export type HeaderValue = string | Uint8Array;

/**
 * The headers of a request: `req.rawHeaders` (best: it shows headers that came twice, which `req.headers` joins or drops),
 * `req.headers`, a `Headers`, a `Map`, or pairs of name and value.
 */
export type HeadersLike =
  | readonly string[]
  | Iterable<readonly [name: string, value: HeaderValue | readonly HeaderValue[]]>
  | { readonly [name: string]: HeaderValue | readonly HeaderValue[] | number | undefined };

/** @internal */
export type Pair = [name: string, value: string | Uint8Array];

/** @internal One text where all values are texts, which crosses the border at a fraction of the cost of pairs. */
export function headers(value: unknown): string | { name: string; value: Uint8Array }[] {
  const usual = Array.isArray(value) ? rawLines(value) : plainLines(value);
  if (usual !== undefined) return usual;
  const pairs = headerPairs(value);
  let lines = "";
  for (const [name, content] of pairs) {
    const line = typeof content === "string" ? ended(name, content) : undefined;
    if (line === undefined) return encoded(pairs);
    lines += line;
  }
  return lines;
}

/** The lines of `rawHeaders`; nothing for any other form. */
function rawLines(list: unknown[]): string | undefined {
  let lines = "";
  for (let index = 0; index < list.length; index += 2) {
    const line = ended(list[index], list[index + 1]);
    if (line === undefined) return undefined;
    lines += line;
  }
  return lines;
}

/** The lines of an object whose values are all texts; nothing for any other form. */
function plainLines(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Symbol.iterator in value) return undefined;
  let lines = "";
  for (const name of Object.keys(value)) {
    const line = ended(name, (value as Record<string, unknown>)[name]);
    if (line === undefined) return undefined;
    lines += line;
  }
  return lines;
}

/** Name and value, each ended by a line feed; nothing where that would not be read back as it was. */
function ended(name: unknown, value: unknown): string | undefined {
  if (typeof name !== "string" || typeof value !== "string" || name.includes("\n") || value.includes("\n")) return undefined;
  return `${name}\n${value}\n`;
}

function encoded(pairs: Pair[]): { name: string; value: Uint8Array }[] {
  return pairs.map(([name, value]) => ({ name, value: typeof value === "string" ? Buffer.from(value, "utf8") : value }));
}

/** @internal Name and value of each header line. */
export function headerPairs(value: unknown): Pair[] {
  if (typeof value !== "object" || value === null || isUint8Array(value)) throw wrong(kind(value));
  const pairs: Pair[] = [];
  if (Array.isArray(value) && typeof value[0] === "string") {
    if (value.length % 2 !== 0) throw wrong("an odd number of strings");
    for (let index = 0; index < value.length; index += 2) add(pairs, value[index], value[index + 1]);
  } else if (Symbol.iterator in value) {
    for (const entry of value as Iterable<unknown>) {
      if (!Array.isArray(entry) || entry.length !== 2) throw wrong("an entry that is no pair of name and value");
      add(pairs, entry[0], entry[1]);
    }
  } else {
    for (const name of Object.keys(value)) add(pairs, name, (value as Record<string, unknown>)[name]);
  }
  return pairs;
}

function add(pairs: Pair[], name: unknown, value: unknown): void {
  if (typeof name !== "string") throw wrong(`a name that is ${kind(name)}`);
  if (typeof value === "string") pairs.push([name, value]);
  else if (isUint8Array(value)) pairs.push([name, bytes(`headers.${name}`, value)]);
  else if (Array.isArray(value)) {
    for (const item of value) {
      if (Array.isArray(item)) throw wrong("a value that is an array in an array");
      add(pairs, name, item);
    }
  } else if (typeof value === "number") pairs.push([name, String(value)]);
  else if (value !== undefined) throw wrong(`a value that is ${kind(value)}`);
}

function wrong(given: string) {
  return invalidArgument("headers", `give rawHeaders, an object, Headers, a Map or pairs, not ${given}`);
}
