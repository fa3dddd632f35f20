import { optional, options, text } from "./arguments.js";

/** What the caller knows about the request that led to a call. It goes to events and session records only. */
export interface Context {
  readonly requestId?: string | undefined;
  readonly traceId?: string | undefined;
  readonly method?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly ip?: string | undefined;
  readonly userAgent?: string | undefined;
}

const MEMBERS = ["requestId", "traceId", "method", "endpoint", "ip", "userAgent"] as const;

/** @internal */
export function context(argument: string, value: unknown): { [Name in (typeof MEMBERS)[number]]?: string } {
  const given = options(argument, value, MEMBERS);
  return Object.assign({}, ...MEMBERS.map((name) => optional(name, given, text, `${argument}.`)));
}

/** The last argument of a call that takes nothing else by name. */
export interface WithContext {
  readonly context?: Context | undefined;
}

/** @internal */
export function onlyContext(value: unknown): ReturnType<typeof context> | undefined {
  return optional("context", options("options", value, ["context"]), context).context;
}
