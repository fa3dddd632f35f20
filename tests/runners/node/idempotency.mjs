// The calls of idempotency.sequence, through the public API: arguments from their wire names, results to them.

import { about, given, nothing, offerValue, reopened } from "./calls.mjs";
import { octets } from "./shape.mjs";

const headerBytes = (headers) => headers.map(([name, value]) => [name, octets(value)]);

/** An answer's header values are bytes, which stand in a string as Latin-1. */
function plain({ status, headers, body }) {
  return { status, headers: headers.map(([name, value]) => [name, Buffer.from(value, "latin1")]), body: Buffer.from(body) };
}

function offerResponse(response) {
  const parts = plain(response);
  return { response: parts, ...parts };
}

/** What the refusals of this domain offer beside those of every error. */
export function refusal(error) {
  if (error.code === "stale") return { response: error.response === undefined ? null : plain(error.response) };
  if (error.code === "response_unavailable") return { status: error.responseStatus, digest: Buffer.from(error.bodyDigest) };
  return {};
}

function requestOf({ key = [], scope, body, fingerprint, content_type: contentType, query, route, ...step }) {
  const line = Array.isArray(key) ? key.map(octets) : octets(key);
  const [content, own] = [body, fingerprint].map((value) => (value === undefined ? undefined : octets(value)));
  return { key: line, scope: { method: "", path: "", ...scope }, ...given({ body: content, fingerprint: own, contentType, query, route }), ...about(step) };
}

export const IDEMPOTENCY = {
  async begin(gate, step) {
    const begun = await gate.idempotency.begin(requestOf(step));
    const { outcome } = begun;
    if (outcome === "replay") return { offer: { outcome, ...offerResponse(begun.response) }, detail: `:${outcome}` };
    const { guard, checkpoint } = begun;
    const reached = checkpoint === undefined ? null : { name: checkpoint.name, bytes: Buffer.from(checkpoint.data) };
    return { offer: { outcome, fence: guard.fence, attempt: guard.attempt, checkpoint: reached }, detail: `:${outcome}`, handle: guard };
  },
  "guard.mark_effects": async (_, { guard }) => (await guard.markEffects(), nothing),
  "guard.renew": async (_, { guard }) => (await guard.renew(), nothing),
  "guard.release": async (_, { guard }) => (await guard.release(), nothing),
  "guard.checkpoint": async (_, { guard, name = "", bytes = "" }) => (await guard.checkpoint(name, octets(bytes)), nothing),
  async "guard.complete"(_, { guard, status, headers = [], body = "", finish_as: finishAs }) {
    const response = { status: Number(status), headers: headerBytes(headers), body: octets(body) };
    return { offer: offerResponse(await guard.complete(response, given({ finishAs }))) };
  },
  new_key: async (gate) => offerValue(gate.idempotency.newKey()),
  next_action: async (gate, { status, code }) => offerValue(gate.idempotency.nextAction(Number(status), code)),
  reopen: reopened,
};
