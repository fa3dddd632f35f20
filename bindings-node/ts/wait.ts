/** Waiting on the event loop, for as long as it takes. */

/** The longest delay that a timer of Node has; a longer one would end after 1 ms. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Waits until `left` is 0, which it is asked for again whenever a timer ends. Rejects with the reason of a signal that is aborted. */
export async function pause(left: () => number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  for (let rest = left(); rest > 0; rest = left()) await timer(Math.min(Math.ceil(rest), LONGEST_TIMER_MS), signal);
}

function timer(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(running);
      reject(signal?.reason);
    };
    const running = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, delayMs);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
