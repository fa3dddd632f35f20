/**
 * Answers of idempotent operations. A header value that is a string stands for its Latin-1 bytes, as in Node's own HTTP, so that
 * every byte survives a store and a replay.
 */

/** The answer of an operation, of this run or of an earlier one. */
export interface Response {
  /** The HTTP status, 200–599. */
  readonly status: number;
  /** Names and values in order, duplicates kept. Each character of a value is one byte, as in Node's own HTTP. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Uint8Array;
}

/** @internal As it comes from the native half: `headers` is the text of a JSON array of names and values in turn. */
export interface NativeResponse {
  status: number;
  headers: string;
  body: Uint8Array;
}

/** @internal */
export function responseOf({ status, headers, body }: NativeResponse): Response {
  return { status, headers: pairsOf(headers), body };
}

/** @internal */
export function pairsOf(text: string): [name: string, value: string][] {
  const flat = JSON.parse(text) as string[];
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < flat.length; at += 2) pairs.push([flat[at] ?? "", flat[at + 1] ?? ""]);
  return pairs;
}
