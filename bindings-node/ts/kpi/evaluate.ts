/** Arguments of figures, written as JSON for the native half. What they may be is for the core to say. */
import { isMap, isTypedArray } from "node:util/types";

import { kind, options, text } from "../arguments.js";
import { call, invalidArgument } from "../errors.js";
import { native } from "../native.js";
import { readNumbers } from "./numbers.js";
import { Kpi } from "./result.js";

/** @internal The arguments of a figure: their names here, and by them those of the core, in the same order. */
export interface Names {
  readonly here: readonly string[];
  readonly core: readonly string[];
  /** The argument that is a list of numbers, read where it lies. */
  readonly list: string | undefined;
}

/** @internal */
export function names(core: string, list?: string): Names {
  const all = core.split(" ").filter((name) => name !== "");
  return { here: [...all.map(camel), ...(list === undefined ? [] : [list, "mask"])], core: all, list };
}

const camel = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

/** @internal The text of a figure's result. */
export function evaluate(method: string, { here, core, list }: Names, given: unknown): string {
  if (given === undefined) throw invalidArgument("arguments", "give an object with the figure's arguments");
  const members = options("arguments", given, here);
  const written: string[] = [];
  for (let at = 0; at < core.length; at += 1) {
    const name = here[at] as string;
    const value = members[name];
    if (value !== undefined) written.push(`"${core[at] as string}":${write(name, value, 0)}`);
  }
  const rest = `{${written.join()}}`;
  if (list === undefined || members[list] === undefined) return call(() => native.kpiEvaluate(method, rest));
  const { real, whole, signed, missing } = readNumbers(list, members[list], members["mask"]);
  return call(() => native.kpiEvaluateList(method, list, real, whole, signed, missing, rest));
}

/** Members of rows whose names differ here. All other names are the caller's own. */
const ROWS: Readonly<Record<string, string>> = { lowerIsBetter: "lower_is_better", movedIn: "moved_in" };

/** Deeper than the arguments of any figure are. */
const MAX_DEPTH = 8;

function write(path: string, value: unknown, depth: number): string {
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "string":
      return JSON.stringify(text(path, value));
    case "bigint":
      // Digits in a text, as JSON has no integers of that size.
      return `"${value}"`;
    case "number":
      return Number.isFinite(value) ? JSON.stringify(value) : `{"f64":"${value}"}`;
    case "object":
      break;
    default:
      throw invalidArgument(path, `give a number, an array or an object, not ${kind(value)}`);
  }
  if (value === null) return "null";
  if (depth === MAX_DEPTH) throw invalidArgument(path, "give arguments of fewer levels");
  if (value instanceof Kpi) return writeKpi(value);
  if (Array.isArray(value)) return `[${Array.from(value, (item, at) => write(`${path}[${at}]`, item ?? null, depth + 1)).join()}]`;
  if (isTypedArray(value)) return `[${Array.from(value as ArrayLike<number | bigint>, (item, at) => write(`${path}[${at}]`, item, depth + 1)).join()}]`;
  const members: [unknown, unknown][] = isMap(value) ? [...value] : Object.entries(value);
  const named = members
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => `${JSON.stringify(rowName(path, name, depth))}:${write(`${path}.${String(name)}`, member, depth + 1)}`);
  return `{${named.join()}}`;
}

/** Rows stand in a list or under a name; any other names (of `norms`, `weights` and `figures`) are the caller's own. */
function rowName(path: string, name: unknown, depth: number): string {
  const given = text(path, name);
  return (depth === 1 && Object.hasOwn(ROWS, given) ? ROWS[given] : undefined) ?? given;
}

/** What figures take of the result of another. */
function writeKpi({ value, unit, basis, reason }: Kpi): string {
  return JSON.stringify({ value, unit, basis, reason });
}
