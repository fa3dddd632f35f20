/** Rate limits in front of the handlers of both frameworks. */
import { kind, options as members } from "../arguments.js";
import type { Context } from "../context.js";
import type { Decision } from "../decision.js";
import { GatewrightError, invalidArgument } from "../errors.js";
import { Gate } from "../gate.js";

/** Which policy a request is measured by, for which subject, at what cost (1 if left out). */
export interface Rule {
  readonly policy: string;
  readonly subject: string;
  readonly cost?: number | undefined;
}

/** What rate limits are told. */
export interface RateLimitOptions<Req> {
  readonly gate: Gate;
  /** What a request is measured by; one for which it gives nothing passes unmeasured. Put authentication in front, so that this knows. */
  readonly rule: (request: Req) => Rule | undefined | PromiseLike<Rule | undefined>;
  /** What is known of the request, for events. */
  readonly context?: ((request: Req) => Context) | undefined;
}

/** @internal The options, read once; `also` are members that the framework adds. */
export function readLimited<Req>(given: unknown, also: readonly string[] = []): RateLimitOptions<Req> {
  const { gate, rule, context } = members("options", given, ["gate", "rule", "context", ...also]);
  if (!(gate instanceof Gate)) throw invalidArgument("options.gate", `give a Gate, not ${kind(gate)}`);
  if (typeof rule !== "function") throw invalidArgument("options.rule", `give a function that says what a request is measured by, not ${kind(rule)}`);
  if (context !== undefined && typeof context !== "function") throw invalidArgument("options.context", `give a function, not ${kind(context)}`);
  return { gate, rule: rule as RateLimitOptions<Req>["rule"], context: context as RateLimitOptions<Req>["context"] };
}

/** @internal The decision on a request, an error that is an answer, or nothing for one that is not measured. */
export async function measure<Req>({ gate, rule, context }: RateLimitOptions<Req>, request: Req): Promise<Decision | GatewrightError | undefined> {
  const measured = await rule(request);
  if (measured === undefined || measured === null) return undefined;
  const { policy, subject, cost } = members("rule", measured, ["policy", "subject", "cost"]) as unknown as Rule;
  try {
    return await gate.limits.check(policy, subject, cost, { context: context?.(request) });
  } catch (error) {
    if (error instanceof GatewrightError) return error;
    throw error;
  }
}
