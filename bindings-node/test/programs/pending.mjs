import { fromPolicy } from "gatewright/testing";
import { ENVIRONMENT, policy } from "../policy.mjs";

const gate = await fromPolicy(policy(), { environment: ENVIRONMENT });
gate.onEvent(() => undefined);
for (let index = 0; index < 50; index += 1) void gate.tokens.issue({ subject: `u-${index}`, client: "web" });
console.log("started");
