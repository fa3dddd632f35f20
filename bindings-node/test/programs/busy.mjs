import { parentPort } from "node:worker_threads";

import { fromPolicy } from "gatewright/testing";
import { ENVIRONMENT, policy } from "../policy.mjs";

const gate = await fromPolicy(policy(), { environment: ENVIRONMENT });
gate.onEvent(() => undefined);
parentPort.postMessage("busy");
for (;;) await Promise.all(Array.from({ length: 20 }, () => gate.tokens.issue({ subject: "u", client: "web" })));
