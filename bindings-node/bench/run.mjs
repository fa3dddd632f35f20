// npm run bench: ours beside the usual libraries of each job. Build with `npm run build:release` first.
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";

import fastJwt from "fast-jwt";
import { SignJWT, jwtVerify } from "jose";
import jsonwebtoken from "jsonwebtoken";
import { Webhook } from "standardwebhooks";

import { Gate } from "gatewright";
import { idempotency } from "./idempotency.mjs";
import { figures } from "./kpi.mjs";
import { limits } from "./limits.mjs";
import { measure, table } from "./measure.mjs";

const jwtSecret = Buffer.from("u0MMzTAO13MS7JYROhJTUbWYCUL5ZAEqfn2Ke1P0zL4=", "base64");
const hookSecret = Buffer.from("9WFuyuLVWF/MEt53G4GU8g5Jkzvh7axo3sf+c1hMlFs=", "base64");
const gate = await Gate.fromPolicy({
  version: 1,
  root_keys: [{ id: 1, secret: "base64:25dLjY+mVkUeP1UiPSL2X/cGdgDRNG/IFXYXh0TGvb8=", state: "active" }],
  store: { default: "memory:" },
  tokens: {
    issuer: "https://auth.example",
    audience: ["api"],
    clients: [{ id: "web", kind: "browser" }],
    signing_keys: [{ kid: "k1", alg: "HS256", secret: `base64:${jwtSecret.toString("base64")}`, state: "active" }],
  },
  webhooks: {
    endpoints: [{ id: "hooks", preset: "standard_webhooks", secrets: [{ id: "a", secret: `whsec_${hookSecret.toString("base64")}` }] }],
  },
});

const { accessToken } = await gate.tokens.issue({ tenant: "acme", subject: "u-42", client: "web", roles: ["operator"] });
const key = createSecretKey(jwtSecret);
const rules = { algorithms: ["HS256"], issuer: "https://auth.example", audience: "api" };
const fastVerify = fastJwt.createVerifier({ key: jwtSecret, algorithms: ["HS256"], allowedIss: rules.issuer, allowedAud: rules.audience });

function verifyByHand() {
  const [header, payload, signature] = accessToken.split(".");
  const expected = createHmac("sha256", key).update(`${header}.${payload}`).digest();
  if (!timingSafeEqual(expected, Buffer.from(signature, "base64url"))) throw new Error("signature");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString());
  if (claims.exp * 1000 < Date.now() || claims.iss !== rules.issuer || claims.aud !== rules.audience) throw new Error("claims");
  return claims;
}

const verify = await measure([
  { name: "gatewright, claims not read", call: () => gate.tokens.verify(accessToken) },
  { name: "gatewright, claims read", call: () => gate.tokens.verify(accessToken).subject },
  { name: "by hand (node:crypto, KeyObject)", call: verifyByHand },
  { name: "fast-jwt, no cache", call: () => fastVerify(accessToken) },
  { name: "jsonwebtoken, KeyObject", call: () => jsonwebtoken.verify(accessToken, key, rules) },
  { name: "jose", call: () => jwtVerify(accessToken, key, rules), later: true },
]);
console.log(`${table("HS256 verify", verify)}\n`);

const claims = JSON.parse(gate.tokens.verify(accessToken).payload);
const fastSign = fastJwt.createSigner({ key: jwtSecret, algorithm: "HS256", noTimestamp: true });
const sign = await measure([
  {
    name: "gatewright issue (session record in memory, MACs, both tokens)",
    call: () => gate.tokens.issue({ tenant: "acme", subject: "u-42", client: "web", roles: ["operator"] }),
    later: true,
  },
  { name: "fast-jwt, access token only", call: () => fastSign(claims) },
  { name: "jsonwebtoken, KeyObject, access token only", call: () => jsonwebtoken.sign(claims, key) },
  { name: "jose, access token only", call: () => new SignJWT(claims).setProtectedHeader({ alg: "HS256" }).sign(key), later: true },
]);
console.log(`${table("HS256 sign", sign)}\n`);

const standard = new Webhook(hookSecret.toString("base64"));
for (const [size, label] of [
  [1024, "1 KiB"],
  [65_536, "64 KiB"],
  [1_048_576, "1 MiB"],
]) {
  const body = Buffer.alloc(size, '{"a":"b"}');
  const signed = gate.webhooks.sign("hooks", body);
  const headers = Object.fromEntries(signed);
  const rawHeaders = ["Host", "a.example", "Content-Type", "application/json", ...signed.flat()];
  const text = body.toString();
  const wrapped = JSON.stringify(text);
  const wrappedHeaders = Object.fromEntries(gate.webhooks.sign("hooks", Buffer.from(wrapped)));
  const byHand = () => {
    const { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": signature } = headers;
    if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) throw new Error("time");
    const expected = createHmac("sha256", hookSecret).update(`${id}.${timestamp}.`).update(body).digest();
    if (!timingSafeEqual(expected, Buffer.from(signature.slice(3), "base64"))) throw new Error("signature");
  };
  const check = await measure([
    { name: "gatewright check, headers object", call: () => gate.webhooks.check("hooks", headers, body) },
    { name: "gatewright check, rawHeaders of five", call: () => gate.webhooks.check("hooks", rawHeaders, body) },
    { name: "by hand (node:crypto)", call: byHand },
    // It parses the body as JSON after the check, so it is given one JSON text of that size.
    { name: "standardwebhooks (and JSON.parse)", call: () => standard.verify(wrapped, wrappedHeaders) },
  ]);
  console.log(`${table(`Webhook check, ${label}`, check)}\n`);
}
await gate.close();

for (const tables of [idempotency, limits, figures]) {
  for (const [title, results] of await tables()) console.log(`${table(title, results)}\n`);
}
