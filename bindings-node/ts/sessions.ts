import { options, text } from "./arguments.js";
import { type WithContext, context, onlyContext } from "./context.js";
import { settled } from "./errors.js";
import { type Handle, native } from "./native.js";

/** The calls on sessions: `gate.sessions`. The tenant is `""` in a system that has only one. */
export class Sessions {
  readonly #gate: Handle;

  /** @internal */
  constructor(gate: Handle) {
    this.#gate = gate;
  }

  /** Ends one session of a subject. */
  async revoke(tenant: string, subject: string, sessionId: string, options?: WithContext): Promise<void> {
    const [whose, who, which] = [text("tenant", tenant), text("subject", subject), text("sessionId", sessionId)];
    await settled(native.sessionsRevoke(this.#gate, whose, who, which, onlyContext(options)));
  }

  /** Ends all sessions of a subject but `keep`; says how many. */
  async revokeOthers(tenant: string, subject: string, named: { readonly keep: string } & WithContext): Promise<number> {
    const [whose, who] = [text("tenant", tenant), text("subject", subject)];
    const given = options("options", named, ["keep", "context"]);
    const about = given["context"] == null ? undefined : context("context", given["context"]);
    return settled(native.sessionsRevokeOthers(this.#gate, whose, who, text("keep", given["keep"]), about));
  }

  /** Ends all sessions of a subject; says how many records were ended at once. */
  async revokeAll(tenant: string, subject: string, options?: WithContext): Promise<number> {
    const [whose, who] = [text("tenant", tenant), text("subject", subject)];
    return settled(native.sessionsRevokeAll(this.#gate, whose, who, onlyContext(options)));
  }
}
