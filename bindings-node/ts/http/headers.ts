/** Header lines as Node's responses hold them and take them. */
import { type OutgoingHttpHeader, type ServerResponse, validateHeaderName, validateHeaderValue } from "node:http";

export type Line = readonly [name: string, value: string];

/** What `writeHead` takes: an object, names and values in turn, or pairs. */
export type Fields = Readonly<Record<string, OutgoingHttpHeader | undefined>> | readonly unknown[];

/** The headers that were set one by one, in their order and with the case of their names. */
export function setLines(response: ServerResponse): Line[] {
  // HTTP/2 has lower case only, and no call that gives another; and Node's types do not know the call of HTTP/1.
  const { getRawHeaderNames = response.getHeaderNames } = response as { getRawHeaderNames?: () => string[] };
  const names = getRawHeaderNames.call(response);
  const lines: Line[] = [];
  for (const name of names) add(lines, name, response.getHeader(name));
  return lines;
}

/** The headers of a response whose head is written with these fields: they take the place of those of their name that were set before. */
export function headLines(response: ServerResponse, fields: Fields | undefined | null): Line[] {
  const before = setLines(response);
  if (fields === undefined || fields === null) return before;
  const given: Line[] = [];
  if (!Array.isArray(fields)) {
    for (const [name, value] of Object.entries(fields)) if (value !== undefined) add(given, name, value);
  } else if (Array.isArray(fields[0])) {
    for (const [name, value] of fields) add(given, name, value);
  } else {
    if (fields.length % 2 !== 0) throw Object.assign(new TypeError("headers: a name without a value"), { code: "ERR_INVALID_ARG_VALUE" });
    for (let at = 0; at < fields.length; at += 2) add(given, fields[at], fields[at + 1]);
  }
  return [...without(before, given), ...given];
}

/** Those lines whose names are not among the others. */
export function without(lines: readonly Line[], others: readonly Line[]): Line[] {
  const names = new Set(others.map(([name]) => name.toLowerCase()));
  return lines.filter(([name]) => !names.has(name.toLowerCase()));
}

/** Whether a line of one of these names, in lower case, is there. */
export function has(lines: readonly Line[], ...names: string[]): boolean {
  return lines.some(([name]) => names.includes(name.toLowerCase()));
}

/** As Node does when it sends them, but now: what cannot be sent is the writer's mistake. */
function add(lines: Line[], name: unknown, value: unknown): void {
  validateHeaderName(name as string);
  for (const item of Array.isArray(value) ? value : [value]) {
    validateHeaderValue(name as string, item as string);
    lines.push([name as string, String(item)]);
  }
}
