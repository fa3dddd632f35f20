import type { Context } from "./context.js";

/** One decision. Never holds a secret, a token or an e-mail. */
export interface Event {
  /** What was done: `token_issued`, `token_refresh`, `session_revoked`, `webhook_verified`, … */
  readonly kind: string;
  /** When, by the clock that decided. */
  readonly at: Date;
  /** What came of it: an outcome or an error code. */
  readonly outcome: string;
  readonly tenant: string | undefined;
  readonly subject: string | undefined;
  /** The second half of the family id in hex, or a key digest. */
  readonly id: string | undefined;
  readonly details: { readonly [name: string]: string };
  readonly context: Context;
}

/** @internal */
export function event(text: string): Event {
  const read = JSON.parse(text) as { [Name in keyof Event]: Event[Name] | null } & { at: number };
  return Object.freeze({
    ...read,
    at: new Date(read.at / 1000),
    tenant: read.tenant ?? undefined,
    subject: read.subject ?? undefined,
    id: read.id ?? undefined,
  } as Event);
}
