// The calls of sequences, through the public API: arguments from their wire names, results to them.

import { reopen } from "../../../bindings-node/testing.mjs";
import { parse, sourceOf } from "./json.mjs";
import { bytes, isBinary } from "./shape.mjs";

export const milliseconds = (micros) => Number(micros) / 1000;
const micros = (milliseconds) => (milliseconds === undefined ? null : Math.round(milliseconds * 1000));
export const given = (members) => Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
const camel = (name) => name.replace(/_(.)/g, (_, letter) => letter.toUpperCase());
const camelKeys = (object) => object && Object.fromEntries(Object.entries(object).map(([name, value]) => [camel(name), value]));

export const headersOf = (pairs) => pairs.map(([name, value]) => [name, isBinary(value) ? bytes(value) : value]);

function offerPair(pair) {
  return {
    offer: {
      access_token: pair.accessToken,
      refresh_token: pair.refreshToken ?? "",
      token_type: pair.tokenType,
      expires_in: pair.expiresIn,
      session_id: pair.sessionId,
      outcome: pair.outcome,
      server_time_ms: pair.serverTimeMs,
    },
    detail: `:${pair.outcome}`,
  };
}

function offerClaims(claims) {
  // The payload's text still has the digits of numbers beyond 2^53.
  const exact = parse(claims.payload);
  return {
    offer: {
      issuer: claims.issuer,
      subject: claims.subject,
      audience: claims.audience,
      client_id: claims.clientId,
      tenant: claims.tenant,
      roles: claims.roles,
      scope: claims.scope,
      session_id: claims.sessionId,
      gen: claims.gen ?? null,
      token_version: claims.tokenVersion ?? null,
      issued_at: micros(claims.issuedAtMs),
      not_before: micros(claims.notBeforeMs),
      expires_at: micros(claims.expiresAtMs),
      jwt_id: claims.jwtId,
      confirmation: claims.confirmation ?? null,
      auth_time: micros(claims.authTimeMs),
      amr: claims.amr,
      extra: Object.fromEntries(Object.keys(claims.extra).map((name) => [name, exact[name]])),
    },
  };
}

export function offerChecked(checked) {
  const { keyId, id, nonce, timestampMs } = checked;
  return { key_id: keyId, timestamp: micros(timestampMs), id: id ?? null, nonce: nonce ?? null };
}

/** A call that gives a bare number or text. */
export const offerValue = (value, ...names) => ({ offer: Object.fromEntries(["value", ...names].map((name) => [name, value])) });
export const nothing = { offer: {} };

const proofOf = (dpop) => dpop && { proof: "", method: "", url: "", ...dpop };

function refreshOptions({ dpop, client, tenant, device_id: deviceId, retry_key: retryKey, context }) {
  return given({ dpop: proofOf(dpop), client, tenant, deviceId, context: camelKeys(context), retryKey: retryKey && bytes(retryKey) });
}

/** The `request` of a webhook; a text that is absent is "". */
export const requestOf = ({ request }) => given({ request: request && { method: "", url: "", ...request } });

export const about = ({ context }) => given({ context: camelKeys(context) });

export const REFRESH = {
  async issue(gate, step) {
    const { tenant, subject = "", client = "", roles, scope, device, claims, auth_time: authTime, amr, dpop_jkt: dpopJkt } = step;
    const when = authTime === undefined ? undefined : milliseconds(authTime);
    const login = { tenant, subject, client, roles, scope, device: device && { id: "", ...camelKeys(device) }, claims, authTime: when, amr, dpopJkt };
    return offerPair(await gate.tokens.issue(given({ ...login, ...about(step) })));
  },
  refresh: async (gate, step) => offerPair(await gate.tokens.refresh(step.token ?? "", refreshOptions(step))),
  refresh_access_only: async (gate, step) => offerPair(await gate.tokens.refreshAccessOnly(step.token ?? "", refreshOptions(step))),
  verify: async (gate, { access = "", issuer, dpop }) => offerClaims(gate.tokens.verify(access, given({ issuer, dpop: proofOf(dpop) }))),
  verify_fresh: async (gate, { access = "", dpop }) => offerClaims(await gate.tokens.verifyFresh(access, given({ dpop: proofOf(dpop) }))),
  confirm: async (gate, { access = "" }) => (await gate.tokens.confirm(access), nothing),
  revoke: async (gate, step) => (await gate.tokens.revoke(step.token ?? "", about(step)), nothing),
  async "sessions.revoke"(gate, step) {
    const { tenant = "", subject = "", session_id: sessionId = "" } = step;
    await gate.sessions.revoke(tenant, subject, sessionId, about(step));
    return nothing;
  },
  async "sessions.revoke_others"(gate, step) {
    const { tenant = "", subject = "", keep = "" } = step;
    return offerValue(await gate.sessions.revokeOthers(tenant, subject, { keep, ...about(step) }));
  },
  "sessions.revoke_all": async (gate, step) =>
    offerValue(await gate.sessions.revokeAll(step.tenant ?? "", step.subject ?? "", about(step))),
  async "epochs.bump_subject"(gate, step) {
    const { tenant = "", subject = "", reason = "" } = step;
    return offerValue(await gate.epochs.bumpSubject(tenant, subject, { reason, ...about(step) }), "version");
  },
  "epochs.bump_tenant": async (gate, step) =>
    offerValue(await gate.epochs.bumpTenant(step.tenant ?? "", { reason: step.reason ?? "", ...about(step) }), "version"),
  "epochs.bump_all": async (gate, step) => offerValue(await gate.epochs.bumpAll({ reason: step.reason ?? "", ...about(step) }), "version"),
  reopen: reopened,
};

export const WEBHOOK = {
  async sign(gate, step) {
    const { endpoint = "", body, id, nonce } = step;
    return { offer: { headers: gate.webhooks.sign(endpoint, bytes(body), given({ id, nonce, ...requestOf(step) })) } };
  },
  async check(gate, step) {
    const { endpoint = "", headers = [], body } = step;
    return { offer: offerChecked(gate.webhooks.check(endpoint, headersOf(headers), bytes(body), requestOf(step))) };
  },
  async verify(gate, step) {
    const { endpoint = "", headers = [], body } = step;
    const verified = await gate.webhooks.verify(endpoint, headersOf(headers), bytes(body), { ...requestOf(step), ...about(step) });
    return { offer: { ...offerChecked(verified), duplicate: verified.duplicate }, handle: verified };
  },
  "verified.commit": async (_, { verified }) => (await verified.commit(), nothing),
  "verified.release": async (_, { verified }) => (await verified.release(), nothing),
  reopen: reopened,
};

/** The successor reads the environment that the first gate was opened with. */
export async function reopened(gate, { policy }) {
  return { offer: {}, gate: await reopen(gate, sourceOf(policy)) };
}
