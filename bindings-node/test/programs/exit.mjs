import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fromPolicy } from "gatewright/testing";
import { ENVIRONMENT, policy } from "../policy.mjs";

const store = `sqlite:${join(mkdtempSync(join(tmpdir(), "gatewright-")), "s.db")}`;
const gate = await fromPolicy(policy(store), { environment: ENVIRONMENT });
gate.onEvent(() => undefined);
for (let index = 0; index < 50; index += 1) void gate.tokens.issue({ subject: `u-${index}`, client: "web" });
await gate.tokens.issue({ subject: "first", client: "web" });
process.exit(7);
