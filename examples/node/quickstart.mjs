// The example of the README.

import { Gate } from "gatewright";

const gate = await Gate.open("gatewright.toml");
let pair = await gate.tokens.issue({ tenant: "acme", subject: "u-42", client: "web", roles: ["operator"] });
pair = await gate.tokens.refresh(pair.refreshToken);
console.log("hello", gate.tokens.verify(pair.accessToken).subject);

const body = Buffer.from('{"event":"barrier_opened"}');
const headers = gate.webhooks.sign("parking", body);
const message = await gate.webhooks.verify("parking", headers, body);
await message.commit(); // from now on it is a replay
await gate.close();
