import { inspect } from "node:util";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

interface Read {
  issuer: string;
  subject: string;
  audience: readonly string[];
  clientId: string;
  tenant: string;
  roles: readonly string[];
  scope: string;
  sessionId: string;
  gen?: number;
  tokenVersion?: readonly [number, number, number];
  issuedAt?: number;
  notBefore?: number;
  expiresAt: number;
  jwtId: string;
  confirmation?: string;
  authTime?: number;
  amr: readonly string[];
  viewAge?: number;
  extra: string;
}

/**
 * What a verified access token says. Absent texts are empty, other absent values `undefined`. It cannot be changed, and
 * is parsed only when a claim is read.
 */
export class Claims {
  readonly #text: string;
  #read: Read | undefined;
  #extra: { readonly [name: string]: Json } | undefined;

  /** @internal */
  constructor(text: string) {
    this.#text = text;
    Object.freeze(this);
  }

  get #claims(): Read {
    return (this.#read ??= parse(this.#text));
  }

  /** `iss` */
  get issuer(): string {
    return this.#claims.issuer;
  }
  /** `sub` */
  get subject(): string {
    return this.#claims.subject;
  }
  /** `aud`, as a list. */
  get audience(): readonly string[] {
    return this.#claims.audience;
  }
  /** `client_id` */
  get clientId(): string {
    return this.#claims.clientId;
  }
  get tenant(): string {
    return this.#claims.tenant;
  }
  get roles(): readonly string[] {
    return this.#claims.roles;
  }
  get scope(): string {
    return this.#claims.scope;
  }
  /** `sid` */
  get sessionId(): string {
    return this.#claims.sessionId;
  }
  /** The generation of the refresh token that it came with; own tokens only. */
  get gen(): number | undefined {
    return this.#claims.gen;
  }
  /** `tv`: subject, tenant, installation; own tokens only. */
  get tokenVersion(): readonly [subject: number, tenant: number, installation: number] | undefined {
    return this.#claims.tokenVersion;
  }
  /** `iat` */
  get issuedAt(): Date | undefined {
    return date(this.#claims.issuedAt);
  }
  /** `iat` in milliseconds since 1970; the fraction holds the microseconds that a `Date` drops. */
  get issuedAtMs(): number | undefined {
    return milliseconds(this.#claims.issuedAt);
  }
  /** `nbf` */
  get notBefore(): Date | undefined {
    return date(this.#claims.notBefore);
  }
  /** `nbf` in milliseconds since 1970. */
  get notBeforeMs(): number | undefined {
    return milliseconds(this.#claims.notBefore);
  }
  /** `exp` */
  get expiresAt(): Date {
    return new Date(this.expiresAtMs);
  }
  /** `exp` in milliseconds since 1970. */
  get expiresAtMs(): number {
    return this.#claims.expiresAt / 1000;
  }
  /** `jti` */
  get jwtId(): string {
    return this.#claims.jwtId;
  }
  /** `cnf.jkt` */
  get confirmation(): string | undefined {
    return this.#claims.confirmation;
  }
  /** `auth_time` */
  get authTime(): Date | undefined {
    return date(this.#claims.authTime);
  }
  /** `auth_time` in milliseconds since 1970. */
  get authTimeMs(): number | undefined {
    return milliseconds(this.#claims.authTime);
  }
  get amr(): readonly string[] {
    return this.#claims.amr;
  }
  /** How old the local view was that said "not revoked", in milliseconds; not without a store, nor for foreign tokens. */
  get viewAgeMs(): number | undefined {
    return milliseconds(this.#claims.viewAge);
  }
  /** All other claims. Numbers beyond 2^53 lose digits here, as in any JSON of JavaScript: read `payload` for those. */
  get extra(): { readonly [name: string]: Json } {
    return (this.#extra ??= freeze(JSON.parse(this.#claims.extra || "{}") as { readonly [name: string]: Json }));
  }
  /** The whole payload as it was signed: the text of a JSON object. */
  get payload(): string {
    return this.#text.slice(this.#text.indexOf("\0") + 1);
  }

  /** The claims as a plain object. */
  toJSON(): Record<string, unknown> {
    const { viewAge: _, ...claims } = this.#claims;
    const { issuedAt, notBefore, expiresAt, authTime, viewAgeMs, extra } = this;
    return { ...claims, issuedAt, notBefore, expiresAt, authTime, viewAgeMs, extra };
  }

  /** @internal */
  [inspect.custom](): unknown {
    return Object.assign(Object.create({ constructor: Claims }) as object, this.toJSON());
  }
}

/** The claims are shown through getters, so that only the lists need to be frozen. */
function parse(text: string): Read {
  const read = JSON.parse(text.slice(0, text.indexOf("\0"))) as Read;
  Object.freeze(read.audience);
  Object.freeze(read.roles);
  Object.freeze(read.amr);
  if (read.tokenVersion !== undefined) Object.freeze(read.tokenVersion);
  return read;
}

function date(micros: number | undefined): Date | undefined {
  return micros === undefined ? undefined : new Date(micros / 1000);
}

function milliseconds(micros: number | undefined): number | undefined {
  return micros === undefined ? undefined : micros / 1000;
}

/** Freezes a parsed JSON value to its depth, which the parser of the token has bounded. */
function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    for (const member of Object.values(value)) freeze(member);
    Object.freeze(value);
  }
  return value;
}
