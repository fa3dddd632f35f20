// Idempotent operations with a store in memory: the first request with a key, and the replay of its answer.
import { Idempotency } from "@node-idempotency/core";
import { MemoryStorageAdapter } from "@node-idempotency/storage-adapter-memory";

import { Gate } from "gatewright";
import { measure } from "./measure.mjs";

const scope = { tenant: "acme", principal: "u-42", method: "POST", path: "/orders" };
const payload = { item: 7, quantity: 3, note: "leave it at the door" };
const body = Buffer.from(JSON.stringify(payload));
const answer = { status: 201, headers: [["content-type", "application/json"]], body: Buffer.from('{"order":17}') };
const told = { body: { order: 17 }, additional: { status: 201, headers: { "content-type": "application/json" } } };

/** The tables: a title and what was measured, for each. */
export async function idempotency() {
  const gate = await Gate.fromPolicy({ version: 1, store: { default: "memory:" }, idempotency: {} });
  const theirs = new Idempotency(new MemoryStorageAdapter());
  let number = 0;
  const newKey = () => `order-${String((number += 1)).padStart(12, "0")}`;
  const run = (key) => gate.idempotency.run({ key, scope, body }, () => answer);
  const runTheirs = async (key) => {
    const request = { headers: { "idempotency-key": key }, path: scope.path, method: scope.method, body: payload };
    const before = await theirs.onRequest(request);
    if (before === undefined) await theirs.onResponse(request, told);
    return before;
  };

  const first = await measure([
    { name: "gatewright run", call: () => run(newKey()), later: true },
    { name: "node-idempotency, onRequest and onResponse", call: () => runTheirs(newKey()), later: true },
  ]);
  await run("order-replayed");
  await runTheirs("order-replayed");
  const again = await measure([
    { name: "gatewright run", call: () => run("order-replayed"), later: true },
    { name: "node-idempotency, onRequest", call: () => runTheirs("order-replayed"), later: true },
  ]);
  await gate.close();
  return [
    ["Idempotent operation in memory, first request", first],
    ["Idempotent operation in memory, replay", again],
  ];
}
