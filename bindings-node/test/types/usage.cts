// The same package, required: compiles, or the types of the CommonJS side are wrong. Never run.
import gatewright = require("gatewright");
import testing = require("gatewright/testing");

async function main(): Promise<string> {
  const gate: gatewright.Gate = await testing.fromPolicy({ version: 1 }, { clock: new testing.ManualClock(0) });
  const pair: gatewright.TokenPair = await gate.tokens.issue({ subject: "u", client: "web" });
  try {
    return gate.tokens.verify(pair.accessToken).subject;
  } catch (error) {
    if (error instanceof gatewright.TokenError) return error.publicCode;
    throw error;
  }
}

export = main;
