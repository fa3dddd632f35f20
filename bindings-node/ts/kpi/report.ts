/** The report of a farm. */
import { isTypedArray } from "node:util/types";

import { kind, options as members, text } from "../arguments.js";
import { call, invalidArgument } from "../errors.js";
import { native } from "../native.js";

/** A cell of a row. A `Date` counts by its day in UTC; `null` and `undefined` are missing. */
export type Cell = string | number | bigint | Date | null | undefined | readonly (number | null)[] | Float64Array | Int32Array;

/** A day, a week or an event of a batch, by the names and units of a table's columns: `batch`, `date`, `dead`, `feed_kg`, `weights_g`, … */
export type ReportRow = Readonly<Record<string, Cell>>;

type Handle = Parameters<typeof native.kpiReportJson>[0];

/** What became of the rows: figures, targets, plots and ranking. */
export class Report {
  #handle: Handle;

  /** @internal */
  constructor(handle: Handle) {
    this.#handle = handle;
  }

  /** Everything, as the text of a JSON object. */
  toJson(): string {
    return call(() => native.kpiReportJson(this.#handle));
  }

  /** A row for each figure of each batch. */
  toCsv(): string {
    return call(() => native.kpiReportCsv(this.#handle));
  }

  /** A page for people that needs nothing else and prints one page a batch; `locale` is how numbers are written, as `"en"` or `"de"`. */
  toHtml(options?: { readonly title?: string | undefined; readonly locale?: string | undefined }): string {
    const { title = "Batch report", locale = "en" } = members("options", options, ["title", "locale"]);
    return call(() => native.kpiReportHtml(this.#handle, text("title", title), text("locale", locale)));
  }
}

/**
 * Reports on the batches of a farm. What cannot be read of the rows is listed in the report, and the rest is computed; `targets` has the
 * form of a targets file. A text or its bytes are a table (CSV), as the program reads it: problems then have its line and column.
 *
 * ```ts
 * const rows = [
 *   { batch: "A1", day: 0, placed: 1000, dead: 5, feed_kg: 20, weights_g: [42, 43, 41] },
 *   { batch: "A1", day: 35, sold: 990, live_weight_out_kg: 2178, feed_kg: 3200 },
 * ];
 * kpi.report(rows, { figures: { "survival.v1": { value: 0.97, unit: "fraction" } } }).toHtml();
 * kpi.report(await readFile("flocks.csv")).toHtml();
 * ```
 *
 * @throws KpiError `kpi_bad_row` for a measure without a unit, a table without a batch, or targets that are none; `kpi_unit_mismatch` for a
 * target in another unit than its figure.
 */
export function report(rows: readonly ReportRow[] | string | Uint8Array, targets?: Readonly<Record<string, unknown>>): Report {
  const wanted = targets === undefined ? undefined : written("targets", targets);
  if (typeof rows === "string" || rows instanceof Uint8Array) {
    const table = typeof rows === "string" ? Buffer.from(rows) : rows;
    return new Report(call(() => native.kpiReportTable(table, wanted)));
  }
  if (!Array.isArray(rows)) throw invalidArgument("rows", `give an array of objects or the text of a table, not ${kind(rows)}`);
  const given = written("rows", rows);
  return new Report(call(() => native.kpiReport(given, wanted)));
}

/** As JSON, which would write NaN as null: as if it were missing. */
function written(name: string, value: unknown): string {
  const plain = (_: string, cell: unknown): unknown => {
    if (typeof cell === "number" && !Number.isFinite(cell)) throw invalidArgument(name, `${cell} is no number; null is what is missing`);
    if (typeof cell === "bigint") return String(cell);
    return isTypedArray(cell) ? Array.from(cell as Iterable<unknown>) : cell;
  };
  try {
    return JSON.stringify(value, plain);
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw invalidArgument(name, "give objects of numbers, texts, dates and lists");
    throw error;
  }
}
