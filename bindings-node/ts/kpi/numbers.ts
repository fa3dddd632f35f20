/** Lists of numbers in the forms in which JavaScript has them. */
import { isBigInt64Array, isBigUint64Array, isFloat64Array, isSharedArrayBuffer, isTypedArray } from "node:util/types";

import { kind } from "../arguments.js";
import { invalidArgument } from "../errors.js";

/** A whole number; a `bigint` beyond 2^53. */
export type Whole = number | bigint;

/**
 * A list of numbers. `Float64Array`, `BigUint64Array` and `BigInt64Array` are read where they lie, unless their memory is shared; other
 * typed arrays and lists are copied once. In a list `null`, `undefined` and a hole are missing. NaN is an error, not a missing value.
 */
export type Numbers =
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array
  | Int16Array
  | Int32Array
  | Int8Array
  | Uint16Array
  | Uint32Array
  | Uint8Array
  | Uint8ClampedArray
  | readonly (Whole | null | undefined)[];

/** Which values are missing: one for each, as an array of truth values or of bytes in which all but 0 is missing. */
export type Mask = Uint8Array | readonly (boolean | number)[];

/** @internal A list as it crosses to the native half. */
export interface List {
  real: Float64Array | undefined;
  whole: BigUint64Array | undefined;
  signed: boolean;
  missing: number;
}

/** @internal */
export function readNumbers(argument: string, value: unknown, mask?: unknown): List {
  if (mask !== undefined && mask !== null) return readNumbers(argument, masked(argument, value, mask));
  if (Array.isArray(value)) return readList(argument, value);
  if (!isTypedArray(value)) throw invalidArgument(argument, `give an array of numbers or a typed array, not ${kind(value)}`);
  // Another thread may write to shared memory during the call.
  const own = isSharedArrayBuffer(value.buffer) ? value.slice() : value;
  if (isFloat64Array(own)) return { real: own, whole: undefined, signed: false, missing: 0 };
  if (isBigUint64Array(own)) return { real: undefined, whole: own, signed: false, missing: 0 };
  if (isBigInt64Array(own)) {
    return { real: undefined, whole: new BigUint64Array(own.buffer, own.byteOffset, own.length), signed: true, missing: 0 };
  }
  return { real: new Float64Array(own as Uint8Array), whole: undefined, signed: false, missing: 0 };
}

function readList(argument: string, list: readonly unknown[]): List {
  const numbers = new Float64Array(list.length);
  let count = 0;
  for (let at = 0; at < list.length; at += 1) {
    const item = list[at];
    if (typeof item === "number") {
      numbers[count] = item;
      count += 1;
    } else if (typeof item === "bigint") return readWholes(argument, list);
    else if (item !== undefined && item !== null) throw wrong(argument, at, item);
  }
  return { real: count === list.length ? numbers : numbers.subarray(0, count), whole: undefined, signed: false, missing: list.length - count };
}

/** A list with a `bigint`: exact if all are whole numbers of 64 bits, else doubles, rounded once. */
function readWholes(argument: string, list: readonly unknown[]): List {
  const known: Whole[] = [];
  for (const [at, item] of list.entries()) {
    if (typeof item === "number" || typeof item === "bigint") known.push(item);
    else if (item !== undefined && item !== null) throw wrong(argument, at, item);
  }
  const missing = list.length - known.length;
  const isExact = (item: Whole): boolean => (typeof item === "bigint" ? BigInt.asUintN(64, item) === item : Number.isSafeInteger(item) && item >= 0);
  if (known.every(isExact)) return { real: undefined, whole: BigUint64Array.from(known, BigInt), signed: false, missing };
  return { real: Float64Array.from(known, Number), whole: undefined, signed: false, missing };
}

function masked(argument: string, value: unknown, mask: unknown): unknown[] {
  if (!Array.isArray(value) && !isTypedArray(value)) throw invalidArgument(argument, `give an array of numbers or a typed array, not ${kind(value)}`);
  if (!Array.isArray(mask) && !isTypedArray(mask)) throw invalidArgument("mask", `give an array of truth values or a Uint8Array, not ${kind(mask)}`);
  if (mask.length !== value.length) throw invalidArgument("mask", `give one truth value for each of ${argument}`);
  return Array.from(value as ArrayLike<unknown>, (item, at) => (mask[at] ? null : item));
}

function wrong(argument: string, at: number, item: unknown) {
  return invalidArgument(`${argument}[${at}]`, `give a number, or null for one that is missing, not ${kind(item)}`);
}
