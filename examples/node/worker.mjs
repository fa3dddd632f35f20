// The Node worker of the demo: a line of JSON in, a line of JSON out, over the public API only.
//
// `node worker.mjs gatewright.toml` opens the policy, says {"ready":"Node"}, and answers requests until its input ends. What Gatewright
// refuses is an answer too: {"error": code, "reason": …}. A request that it does not understand ends it.

import { createInterface } from "node:readline";

import { Gate, GatewrightError } from "gatewright";

const gate = await Gate.open(process.argv[2]);
say({ ready: "Node" });

for await (const line of createInterface({ input: process.stdin })) {
  try {
    say(await answer(JSON.parse(line)));
  } catch (error) {
    if (!(error instanceof GatewrightError)) throw error;
    say({ error: error.code, reason: error.reason ?? null });
  }
}
await gate.close();

async function answer(request) {
  const { tokens, epochs, webhooks, idempotency, limits, lockout } = gate;
  switch (request.call) {
    case "issue":
      return pair(await tokens.issue({ tenant: request.tenant, subject: request.subject, client: request.client }));
    case "refresh":
      return pair(await tokens.refresh(request.token, { retryKey: request.retry_key && Buffer.from(request.retry_key, "hex") }));
    case "verify":
      return about(tokens.verify(request.access));
    case "verify_fresh":
      return about(await tokens.verifyFresh(request.access));
    case "revoke":
      await tokens.revoke(request.token);
      return {};
    case "bump_subject":
      return { version: await epochs.bumpSubject(request.tenant, request.subject, { reason: request.reason }) };
    case "sign":
      return { headers: webhooks.sign(request.endpoint, Buffer.from(request.body)) };
    case "check":
      return { key_id: webhooks.check(request.endpoint, request.headers, Buffer.from(request.body)).keyId };
    case "deliver": {
      // Verified and claimed before the function runs; committed after it, or released if it throws.
      const { endpoint, headers, body } = request;
      return await webhooks.run(endpoint, headers, Buffer.from(body), ({ duplicate }) => ({ duplicate }));
    }
    case "once": {
      const { key, path, content_type: contentType, body, answer } = request;
      const scope = { tenant: "acme", principal: "u-1", method: "POST", path };
      let ran = false;
      // Run unless there is an answer already, which is then replayed; stored after it, or given back if it throws.
      const sent = await idempotency.run({ key, scope, contentType, body: Buffer.from(body) }, () => {
        ran = true;
        return { ...answer, body: Buffer.from(answer.body, "hex") };
      });
      return { ran, status: sent.status, headers: sent.headers, body: Buffer.from(sent.body).toString("hex") };
    }
    case "charge": {
      const { allowed, tiers } = await limits.check(request.policy, request.subject, request.cost);
      return { allowed, remaining: Object.fromEntries(tiers.map(({ id, remaining }) => [id, remaining])) };
    }
    case "attempt": {
      // Charged before the password is checked; without an outcome, nobody has checked one.
      const attempt = await lockout.begin(request.policy, request.identifier);
      await (request.success === null ? attempt.abandon() : attempt.settle(request.success));
      return { n: attempt.n, last: attempt.last };
    }
    case "account": {
      const { fails, lockedUntil } = await lockout.status(request.policy, request.identifier);
      return { fails, locked: lockedUntil !== undefined };
    }
    case "unlock":
      await lockout.unlock(request.policy, request.identifier);
      return {};
    default:
      throw new Error(`not a request: ${JSON.stringify(request)}`);
  }
}

function pair({ accessToken, refreshToken, outcome }) {
  return { access_token: accessToken, refresh_token: refreshToken, outcome };
}

function about({ subject, gen }) {
  return { subject, gen };
}

function say(reply) {
  process.stdout.write(`${JSON.stringify(reply)}\n`);
}
