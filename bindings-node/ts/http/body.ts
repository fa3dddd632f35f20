/** Reading the whole body of a request, within bounds. */
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { isUint8Array } from "node:util/types";

import { call, invalidArgument } from "../errors.js";
import { native } from "../native.js";

/** The client went away before its request was there: nobody waits for an answer. */
export class Gone extends Error {}

/** A request as body parsers leave it behind. */
export type ParsedRequest = IncomingMessage & { body?: unknown; rawBody?: unknown };

/**
 * The bytes of a body: those that a parser has kept (`rawBody`, or `body` after `express.raw()`), or else what is read here and put
 * back, so that parsers behind this find it.
 */
export async function bodyOf(request: ParsedRequest, max: number): Promise<Uint8Array> {
  for (const kept of [request.rawBody, request.body]) {
    if (isUint8Array(kept)) return kept.byteLength > max ? tooLarge() : kept;
  }
  if (hasNone(request)) return new Uint8Array();
  if (request.destroyed && !request.complete) throw new Gone();
  if (request.readableDidRead || request.readableEnded) {
    throw invalidArgument(
      "body",
      "the body has been parsed and its bytes are gone; put this middleware in front of the parser, use express.raw(), " +
        "or keep the bytes: express.json({ verify: keepRawBody })",
    );
  }
  const bytes = await read(request, max);
  request.rawBody = bytes;
  return bytes;
}

function hasNone({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] === undefined && Number(headers["content-length"] ?? 0) === 0;
}

/** Reads a stream to its end, in paused mode, and puts back what was read before the end is told. */
function read(stream: IncomingMessage, max: number): Promise<Buffer> {
  if (Number(stream.headers["content-length"] ?? 0) > max) tooLarge();
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (outcome: () => void): void => {
      stream.off("readable", drain).off("end", end).off("error", gone).off("close", gone);
      outcome();
    };
    const end = (): void => settle(() => resolve(Buffer.concat(chunks, size)));
    const gone = (): void => settle(() => reject(new Gone()));
    const drain = (): void => {
      for (let chunk: Buffer | null = stream.read(); chunk !== null; chunk = stream.read()) {
        size += chunk.length;
        if (size > max) return settle(() => reject(failure(tooLarge)));
        chunks.push(chunk);
      }
      // The message is there and its end is not told before the next turn: what is put back now is read once more.
      if (!stream.complete || size === 0) return;
      const whole = Buffer.concat(chunks, size);
      settle(() => {
        stream.unshift(whole);
        resolve(whole);
      });
    };
    stream.on("readable", drain).on("end", end).on("error", gone).on("close", gone);
  });
}

/** Reads to its end what stands for the body of a request: a stream of Fastify's. */
export async function collect(stream: Readable, max: number, request: IncomingMessage): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > max) tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > max) tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (request.destroyed && !request.complete) throw new Gone();
    throw error;
  }
  return Buffer.concat(chunks, size);
}

function tooLarge(): never {
  return call<never>(() => native.idempotencyBodyTooLarge() as never);
}

function failure(throws: () => never): unknown {
  try {
    return throws();
  } catch (error) {
    return error;
  }
}
