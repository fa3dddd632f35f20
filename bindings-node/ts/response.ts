/**
 * Answers of idempotent operations. A header value that is a string stands for its Latin-1 bytes, as in Node's own HTTP, so that
 * every byte survives a store and a replay.
 */
import { isUint8Array } from "node:util/types";

import { bytes, kind, optional, options } from "./arguments.js";
import { invalidArgument } from "./errors.js";
import { type HeadersLike, type Pair, headerPairs } from "./headers.js";

/** The answer of an operation, of this run or of an earlier one. */
export interface Response {
  /** The HTTP status, 200–599. */
  readonly status: number;
  /** Names and values in order, duplicates kept. Each character of a value is one byte, as in Node's own HTTP. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** An answer that is given: without headers and with an empty body where they are absent. */
export interface ResponseLike {
  /** The HTTP status, 200–599. */
  readonly status: number;
  /** In order; each character of a value that is a string is one byte, so none is above U+00FF. */
  readonly headers?: HeadersLike | undefined;
  /** Bytes: for a text, `Buffer.from(text)`. */
  readonly body?: Uint8Array | undefined;
}

/** @internal As it crosses to the native half: `headers` is the text of a JSON array of names and values in turn. */
export interface GivenResponse {
  status: number;
  headers: string;
  body: Uint8Array;
}

/** @internal As it comes from there: a short body is a text of Latin-1. */
export interface NativeResponse {
  status: number;
  headers: string;
  body: string | Uint8Array;
}

/** @internal */
export function responseOf({ status, headers, body }: NativeResponse): Response {
  return { status, headers: pairsOf(headers), body: typeof body === "string" ? Buffer.from(body, "latin1") : body };
}

function pairsOf(text: string): [name: string, value: string][] {
  const flat = JSON.parse(text) as string[];
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push([flat[at] ?? "", flat[at + 1] ?? ""]);
  return pairs;
}

/** @internal */
export function readResponse(value: unknown): GivenResponse {
  const given = options("response", value, ["status", "headers", "body"]);
  const flat: string[] = [];
  for (const pair of optional("headers", given, (_, headers) => headerPairs(headers)).headers ?? []) flat.push(pair[0], latin1(pair));
  return { status: readStatus(given["status"]), headers: JSON.stringify(flat), body: readContent(given["body"]) };
}

/** @internal Whether it may be the status of an answer is for the native half to say. */
export function readStatus(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 0xffff) return value;
  throw invalidArgument("status", `give an HTTP status, not ${typeof value === "number" ? "this number" : kind(value)}`);
}

function readContent(value: unknown): Uint8Array {
  if (value === undefined || value === null) return new Uint8Array();
  if (isUint8Array(value)) return bytes("body", value);
  throw invalidArgument("body", `give the bytes of the answer (Uint8Array or Buffer), not ${kind(value)}; for a text, Buffer.from(text)`);
}

function latin1([name, value]: Pair): string {
  if (typeof value !== "string") return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("latin1");
  if (/^[\x00-\xff]*$/.test(value)) return value;
  throw invalidArgument(`headers.${name}`, "give characters up to U+00FF, each of which is one byte, or a Uint8Array");
}
