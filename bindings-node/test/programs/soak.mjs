import { GatewrightError } from "gatewright";
import { fromPolicy } from "gatewright/testing";
import { ENVIRONMENT, policy } from "../policy.mjs";

const gate = await fromPolicy(policy(), { environment: ENVIRONMENT });
const { accessToken } = await gate.tokens.issue({ subject: "u-42", client: "web", roles: ["operator"] });
const body = Buffer.alloc(1024, 97);
const signed = gate.webhooks.sign("hooks", body);

function rounds(count) {
  for (let round = 0; round < count; round += 1) {
    if (gate.tokens.verify(accessToken).subject !== "u-42") throw new Error("wrong claims");
    gate.webhooks.check("hooks", signed, body);
    if (round % 10 === 0) {
      try {
        gate.tokens.verify("a.b.c");
      } catch (error) {
        if (!(error instanceof GatewrightError)) throw error;
      }
    }
  }
  global.gc();
  return process.memoryUsage().rss;
}

const warm = rounds(50_000);
console.log(JSON.stringify({ grown: rounds(200_000) - warm }));
await gate.close();
