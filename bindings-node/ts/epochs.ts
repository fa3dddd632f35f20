import { options, text } from "./arguments.js";
import { type WithContext, context } from "./context.js";
import { settled } from "./errors.js";
import { type Handle, native } from "./native.js";

/** Why an epoch is bumped; it goes to the event. */
export interface Bump extends WithContext {
  readonly reason: string;
}

/** The breach response: `gate.epochs`. Each call answers the new version, a whole number below 2^53. */
export class Epochs {
  readonly #gate: Handle;

  /** @internal */
  constructor(gate: Handle) {
    this.#gate = gate;
  }

  /** All tokens of a subject die at once. */
  async bumpSubject(tenant: string, subject: string, bump: Bump): Promise<number> {
    const [whose, who] = [text("tenant", tenant), text("subject", subject)];
    const { reason, about } = read(bump);
    return settled(native.epochsBumpSubject(this.#gate, whose, who, reason, about));
  }

  /** All tokens of a tenant die at once. */
  async bumpTenant(tenant: string, bump: Bump): Promise<number> {
    const whose = text("tenant", tenant);
    const { reason, about } = read(bump);
    return settled(native.epochsBumpTenant(this.#gate, whose, reason, about));
  }

  /** All tokens of the installation die at once. */
  async bumpAll(bump: Bump): Promise<number> {
    const { reason, about } = read(bump);
    return settled(native.epochsBumpAll(this.#gate, reason, about));
  }
}

function read(bump: unknown): { reason: string; about: ReturnType<typeof context> | undefined } {
  const given = options("options", bump, ["reason", "context"]);
  const about = given["context"] == null ? undefined : context("context", given["context"]);
  return { reason: text("reason", given["reason"]), about };
}
