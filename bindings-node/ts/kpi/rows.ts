/** What is given in rows and by name. */
import type { Whole } from "./numbers.js";

/** Values by names of the caller's own. */
export type Named<T> = { readonly [name: string]: T } | ReadonlyMap<string, T>;

/** The animals at a day's start and end, and how many were moved in: in turn or by name. A day of which a number is missing is missing. */
export type Day =
  | readonly [start: Whole | null, end: Whole | null, movedIn?: Whole | null]
  | { readonly start: Whole | null; readonly end: Whole | null; readonly movedIn?: Whole | null | undefined };

/** How many animals came or went on a day; the day of placement is day 0. */
export type Movement = readonly [day: Whole, count: Whole] | { readonly day: Whole; readonly count: Whole };

/** A number with the name of its unit, where only you know the unit. */
export interface Quantity {
  readonly value: number | null;
  readonly unit: string;
}

/** A member of a cohort, and its figures by name; `null` is missing. */
export interface Member {
  readonly id: string;
  readonly figures: Named<number | null>;
}

/** What a figure weighs in a score. */
export interface Weight {
  readonly weight: number;
  /** As of a feed conversion; `false` if left out. */
  readonly lowerIsBetter?: boolean | undefined;
}
