import { parentPort, workerData } from "node:worker_threads";

import { fromPolicy } from "gatewright/testing";
import { ENVIRONMENT, policy } from "../policy.mjs";

const gate = await fromPolicy(policy(), { environment: ENVIRONMENT });
gate.onEvent(() => undefined);
const pair = await gate.tokens.issue({ subject: `u-${workerData.index}`, client: "web" });
for (let round = 0; round < 100; round += 1) gate.tokens.verify(pair.accessToken);
parentPort.postMessage(gate.tokens.verify(pair.accessToken).subject);
if (workerData.index % 2 === 0) await gate.close();
