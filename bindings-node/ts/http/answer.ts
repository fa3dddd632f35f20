/** What leaves: the handler's answer, stored before it is sent, or one that is there already. */
import { type Hash, createHash } from "node:crypto";
import type { ServerResponse } from "node:http";
import { isUint8Array } from "node:util/types";

import type { Gate } from "../gate.js";
import type { Guard } from "../guard.js";
import type { Response } from "../response.js";
import { type Fields, type Line, has, headLines, setLines, without } from "./headers.js";

const captures = new WeakMap<ServerResponse, Capture>();

type Callback = (error?: Error | null) => void;

/** The calls of a response that write, as they were before an answer was captured. */
interface Writer {
  writeHead(this: ServerResponse, ...head: unknown[]): unknown;
  write(this: ServerResponse, chunk: unknown, encoding?: unknown, done?: unknown): boolean;
  end(this: ServerResponse, chunk?: unknown, encoding?: unknown, done?: unknown): unknown;
  flushHeaders(this: ServerResponse): void;
  destroy(this: ServerResponse, error?: Error): unknown;
  /** Whether somebody has put a `writeHead` in place of Node's. */
  isWrapped: boolean;
}

function writerOf(response: ServerResponse): Writer {
  const { writeHead, write, end, flushHeaders, destroy } = response;
  return { writeHead, write, end, flushHeaders, destroy, isWrapped: Object.hasOwn(response, "writeHead") } as unknown as Writer;
}

/** Sends a whole answer, with the headers that others have set for this exchange and the answer does not. */
export function send(gate: Gate, response: ServerResponse, answer: Response, extra: readonly Line[] = []): void {
  deliver(gate, response, writerOf(response), answer, [...setLines(response), ...extra]);
}

function deliver(gate: Gate, response: ServerResponse, writer: Writer, answer: Response, around: readonly Line[], done?: Callback): void {
  try {
    const lines = [...without(around, answer.headers), ...answer.headers];
    const { status, body } = answer;
    const isFramed = has(lines, "content-length", "transfer-encoding", "trailer");
    if (!isFramed && response.req.method !== "HEAD" && status !== 204 && status !== 304) lines.push(["Content-Length", String(body.byteLength)]);
    head(response, writer, status, undefined, lines);
    writer.end.call(response, body, undefined, done);
  } catch (error) {
    // A stored answer of another language may have a header that Node does not send.
    if (response.headersSent || answer.status === 500) response.destroy(error as Error);
    else deliver(gate, response, writer, gate.problem(error), [], done);
  }
}

/** Sends a head with exactly these lines, in their order where Node can. */
function head(response: ServerResponse, writer: Writer, status: number, reason: string | undefined, lines: readonly Line[]): void {
  const given: unknown[] = reason === undefined ? [status] : [status, reason];
  if (!writer.isWrapped && isUntouched(response)) given.push(lines.flat());
  else {
    // Those of one name stand together then. Not as an argument of `writeHead`: Node would keep the last line of a name only.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    for (const [name, value] of lines) response.appendHeader(name, value);
  }
  writer.writeHead.apply(response, given);
}

/**
 * Whether no header was ever set, so that a list of lines is sent as it is. Node tells that only by a member of its own, which may go
 * with a later version: then lines are set one by one.
 */
function isUntouched(response: ServerResponse): boolean {
  const own = Object.getOwnPropertySymbols(response).find((symbol) => symbol.description === "kOutHeaders");
  return own !== undefined && (response as unknown as Record<symbol, unknown>)[own] === null;
}

/**
 * Ends the operation with what is written to the response, before it is sent. A body beyond `maxStoredBody` is handed out as it comes,
 * and its status and digest are stored before its last piece is sent.
 *
 * A handler of Node cannot be stopped. So when the client goes away before an answer has begun, the handler's answer is awaited and stored,
 * for the client's next try; when it goes away in the middle of one, the operation is given back as when a guard is left.
 */
export function capture(gate: Gate, guard: Guard, response: ServerResponse): void {
  captures.set(response, new Capture(gate, guard, response));
}

/** What a handler that failed leaves: its operation is given back as when a guard is left, and what it wrote is dropped where it can be. */
export async function fail(response: ServerResponse): Promise<void> {
  await captures.get(response)?.fail();
}

class Capture {
  readonly #gate: Gate;
  readonly #guard: Guard;
  readonly #response: ServerResponse;
  readonly #writer: Writer;
  /** What others had set before the handler began: it belongs to this exchange, and is not stored. */
  readonly #around: readonly Line[];
  #mode: "ending" | "gathering" | "over" | "passing" = "gathering";
  #head: { status: number; reason: string | undefined; lines: readonly Line[] } | undefined;
  #pieces: Buffer[] = [];
  #size = 0;
  #hash: Hash | undefined;
  /** Whether the answer has begun, so that its end is not to be expected once the client is gone. */
  #begun = false;

  constructor(gate: Gate, guard: Guard, response: ServerResponse) {
    this.#gate = gate;
    this.#guard = guard;
    this.#response = response;
    this.#writer = writerOf(response);
    this.#around = setLines(response);
    const writing = {
      writeHead: (status: number, reason?: unknown, fields?: unknown) => this.#writeHead(status, reason, fields),
      write: (chunk: unknown, encoding?: unknown, done?: unknown) => this.#write(chunk, encoding, done),
      end: (chunk?: unknown, encoding?: unknown, done?: unknown) => this.#end(chunk, encoding, done),
      flushHeaders: () => this.#flushHeaders(),
      destroy: (error?: Error) => this.#destroy(error),
    };
    Object.assign(response, writing);
    // What the handler has written is written, for it and for all that stands around it.
    this.#answers("headersSent", () => this.#head !== undefined && (this.#mode === "gathering" || this.#mode === "ending"));
    this.#answers("writableEnded", () => this.#mode === "ending");
    response.once("pipe", () => (this.#begun = true));
    response.once("close", () => {
      if (this.#begun && (this.#mode === "gathering" || this.#mode === "passing")) this.#abandon();
    });
  }

  #answers(name: "headersSent" | "writableEnded", yes: () => boolean): void {
    const response = this.#response;
    const before = (): unknown => Reflect.get(Object.getPrototypeOf(response) as object, name, response);
    Object.defineProperty(response, name, { get: () => yes() || before(), configurable: true, enumerable: true });
  }

  #writeHead(status: number, second: unknown, third: unknown): ServerResponse {
    const [reason, fields] = typeof second === "string" ? [second, third] : [undefined, third ?? second];
    const forward = (): ServerResponse => {
      this.#writer.writeHead.apply(this.#response, [status, reason, fields].filter((argument) => argument !== undefined));
      return this.#response;
    };
    if (this.#mode === "over" || this.#mode === "passing") return forward();
    if (this.#head !== undefined) {
      throw Object.assign(new Error("Cannot write headers after they are sent to the client"), { code: "ERR_HTTP_HEADERS_SENT" });
    }
    if (!(status >= 200 && status <= 599)) {
      // No answer to a request: an upgrade of the connection, or a number of the handler's own.
      this.#mode = "over";
      this.#abandon();
      return forward();
    }
    const lines = headLines(this.#response, fields as Fields | undefined);
    this.#response.statusCode = status;
    this.#head = { status: Math.trunc(status), reason, lines };
    this.#begun = true;
    return this.#response;
  }

  #write(chunk: unknown, encoding: unknown, done: unknown): boolean {
    if (typeof encoding === "function") return this.#write(chunk, undefined, encoding);
    this.#openHead();
    if (this.#mode === "over") return this.#writer.write.call(this.#response, chunk, encoding, done);
    const piece = pieceOf(chunk, encoding);
    if (this.#mode === "ending") {
      if (typeof done === "function") process.nextTick(done, Object.assign(new Error("write after end"), { code: "ERR_STREAM_WRITE_AFTER_END" }));
      return false;
    }
    if (this.#mode === "gathering" && this.#size + piece.length <= this.#guard.maxStoredBody) {
      // Its writer may use the buffer again once it is told that this is done.
      this.#gather(piece === chunk ? Buffer.from(piece) : piece);
      if (typeof done === "function") process.nextTick(done, null);
      return true;
    }
    this.#pass();
    this.#hash?.update(piece);
    return this.#writer.write.call(this.#response, piece, undefined, done);
  }

  #end(chunk: unknown, encoding: unknown, done: unknown): ServerResponse {
    if (typeof chunk === "function") return this.#end(undefined, undefined, chunk);
    if (typeof encoding === "function") return this.#end(chunk, undefined, encoding);
    this.#openHead();
    if (this.#mode === "over") {
      this.#writer.end.call(this.#response, chunk, encoding, done);
      return this.#response;
    }
    const last = chunk === undefined || chunk === null ? undefined : pieceOf(chunk, encoding);
    if (this.#mode === "ending") {
      if (typeof done === "function") process.nextTick(done, Object.assign(new Error("end after end"), { code: "ERR_STREAM_ALREADY_FINISHED" }));
      return this.#response;
    }
    if (this.#mode === "passing") void this.#endPassed(last, done as Callback | undefined);
    else {
      if (last !== undefined) this.#gather(last);
      void this.#endWhole(done as Callback | undefined);
    }
    return this.#response;
  }

  #flushHeaders(): void {
    this.#openHead();
    if (this.#mode === "over") this.#writer.flushHeaders.call(this.#response);
  }

  /** What is torn down by its own writer, as by a pipeline that failed, has no answer any more. */
  #destroy(error: Error | undefined): ServerResponse {
    if (this.#mode === "gathering" || this.#mode === "passing") {
      this.#mode = "over";
      this.#abandon();
    }
    this.#writer.destroy.call(this.#response, error);
    return this.#response;
  }

  /** As Node does at the first byte, by the call that others may have wrapped. */
  #openHead(): void {
    if (this.#mode === "gathering" && this.#head === undefined) this.#response.writeHead(this.#response.statusCode);
  }

  #gather(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
  }

  /** From here on the answer is handed out as it comes. */
  #pass(): void {
    if (this.#mode === "passing" || this.#head === undefined) return;
    const { status, reason, lines } = this.#head;
    this.#mode = "passing";
    this.#hash = createHash("sha256");
    head(this.#response, this.#writer, status, reason, lines);
    for (const piece of this.#pieces) {
      this.#hash.update(piece);
      this.#writer.write.call(this.#response, piece);
    }
    this.#pieces = [];
  }

  async #endPassed(last: Buffer | undefined, done: Callback | undefined): Promise<void> {
    this.#mode = "ending";
    const hash = this.#hash ?? createHash("sha256");
    if (last !== undefined) hash.update(last);
    // The answer is on its way, whatever the store says to it.
    await this.#guard.completeStreamed(this.#head?.status ?? 200, hash.digest()).catch(() => undefined);
    this.#mode = "over";
    this.#writer.end.call(this.#response, last, undefined, done);
  }

  async #endWhole(done: Callback | undefined): Promise<void> {
    this.#mode = "ending";
    const { status = 200, reason, lines = [] } = this.#head ?? {};
    const isAround = ([name, value]: Line): boolean => this.#around.some((line) => line[0] === name && line[1] === value);
    const own = lines.filter((line) => !isAround(line));
    const body = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces, this.#size);
    let answer: Response;
    let around = lines.filter(isAround);
    try {
      answer = await this.#guard.complete({ status, headers: own, body });
      if (reason !== undefined) this.#response.statusMessage = reason;
    } catch (error) {
      answer = this.#gate.problem(error);
      around = [...this.#around];
      this.#response.statusMessage = "";
    }
    this.#mode = "over";
    deliver(this.#gate, this.#response, this.#writer, answer, around, done);
  }

  async fail(): Promise<void> {
    if (this.#mode !== "gathering" && this.#mode !== "passing") return;
    this.#mode = "over";
    this.#head = undefined;
    this.#pieces = [];
    await this.#guard[Symbol.asyncDispose]();
  }

  /** As leaving the guard does; the answer of the framework does not wait for it. */
  #abandon(): void {
    void this.#guard[Symbol.asyncDispose]().catch(() => undefined);
  }
}

function pieceOf(chunk: unknown, encoding: unknown): Buffer {
  if (typeof chunk === "string") return Buffer.from(chunk, encoding as BufferEncoding | undefined);
  if (isUint8Array(chunk)) return Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  throw Object.assign(new TypeError("a piece of a body is a string, a Buffer or a Uint8Array"), { code: "ERR_INVALID_ARG_TYPE" });
}
