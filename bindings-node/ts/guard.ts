import { bytes, kind, options, text } from "./arguments.js";
import { invalidArgument, soon } from "./errors.js";
import { native } from "./native.js";
import { type Response, type ResponseLike, readResponse, readStatus, responseOf } from "./response.js";

/** How an operation ends, whatever its status: its answer is kept, or its key is free again. */
export type FinishAs = "release" | "store";

/** The optional arguments of an end. */
export interface FinishOptions {
  readonly finishAs?: FinishAs | undefined;
}

/** @internal What the native half gives with a guard. */
export interface NativeGuard {
  guard: Parameters<typeof native.guardRenew>[0];
  fence: number;
  attempt: number;
  maxStoredBody: number;
}

/**
 * An operation that is this worker's to run, until its lease is over. End it with `complete`. `await using` (or a collected guard)
 * gives back what was not completed, if no effects are marked and the route does not store failures, and else leaves it to the
 * lease.
 *
 * Every call is `stale` once another worker has taken over, with the winner's answer as `response` where there is one; and may be
 * made again after `unavailable`.
 */
export class Guard {
  readonly #handle: NativeGuard["guard"];
  /**
   * A number that grows with every worker that gets this operation, below 2^53. Give it to what is written downstream, and refuse
   * there what has a lower one.
   */
  readonly fence: number;
  /** Which attempt this is, from 1. */
  readonly attempt: number;
  /**
   * The largest body, in bytes, that is stored of this operation's answer; hand a larger one out as it comes, and end with
   * `completeStreamed`.
   */
  readonly maxStoredBody: number;

  /** @internal */
  constructor({ guard, fence, attempt, maxStoredBody }: NativeGuard) {
    this.#handle = guard;
    this.fence = fence;
    this.attempt = attempt;
    this.maxStoredBody = maxStoredBody;
  }

  /**
   * Says that the next act cannot be taken back: from here on the operation is never run again unless a checkpoint follows, and
   * whatever it answers is stored. If this fails (`stale`, `unavailable`, `closed`), do not act.
   */
  async markEffects(): Promise<void> {
    await soon(() => native.guardMarkEffects(this.#handle));
  }

  /**
   * Keeps how far the operation has come, so that whoever takes it over can go on from there. Only the newest is kept. The name has
   * 1 to 255 bytes, the data at most 64 KiB.
   */
  async checkpoint(name: string, data: Uint8Array): Promise<void> {
    const [what, content] = [text("name", name), bytes("data", data)];
    await soon(() => native.guardCheckpoint(this.#handle, what, content));
  }

  /** Begins the lease anew, at most until 15 minutes after this attempt began. */
  async renew(): Promise<void> {
    await soon(() => native.guardRenew(this.#handle));
  }

  /**
   * Ends the operation with its answer, and gives what is to be sent. Whether the answer is stored or the key is free again is
   * decided by its status, the marks and the route, or by `finishAs`. Where the store does not answer, what was done stays done:
   * the answer comes back with `Idempotency-Stored: false`, and the lease runs on. `invalid_argument` for a status outside 200–599.
   *
   * ```ts
   * const response = await guard.complete({ status: 201, headers: { "Content-Type": "text/plain" }, body: Buffer.from("made") });
   * ```
   */
  async complete(response: ResponseLike, options?: FinishOptions): Promise<Response> {
    const [given, finishAs] = [readResponse(response), readFinish(options)];
    const { status, headers, body } = given;
    return responseOf((await soon(() => native.guardComplete(this.#handle, status, headers, body, finishAs))) ?? given);
  }

  /**
   * Ends an operation whose answer has been sent already, piece by piece: its status and the SHA-256 of its body (32 bytes) are
   * kept, or the key is free again, by the same rules as `complete`. A request for a kept one is `response_unavailable`. Says whether
   * the store knows of it: where it does not answer, the lease runs on.
   */
  async completeStreamed(status: number, bodySha256: Uint8Array, options?: FinishOptions): Promise<boolean> {
    const [code, digest, finishAs] = [readStatus(status), bytes("bodySha256", bodySha256), readFinish(options)];
    return soon(() => native.guardCompleteStreamed(this.#handle, code, digest, finishAs));
  }

  /** Gives the operation back: the next request runs it. `invalid_argument` once effects are marked. */
  async release(): Promise<void> {
    await soon(() => native.guardRelease(this.#handle));
  }

  /** What a block that was left without an end comes to; nothing once the operation has been ended. */
  async [Symbol.asyncDispose](): Promise<void> {
    await soon(() => native.guardAbandon(this.#handle));
  }
}

function readFinish(value: unknown): FinishAs | undefined {
  const { finishAs } = options("options", value, ["finishAs"]);
  if (finishAs === undefined || finishAs === null) return undefined;
  if (finishAs === "store" || finishAs === "release") return finishAs;
  throw invalidArgument("finishAs", `give "store" or "release", not ${typeof finishAs === "string" ? "another string" : kind(finishAs)}`);
}
