import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { Gate, Locked } from "gatewright";

const PAGE = await readFile(new URL("../../docs/limits.md", import.meta.url), "utf8");
const block = (language) => PAGE.match(new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, "s"))[1];
const AsyncFunction = (async () => {}).constructor;

test("the login of the page on limits: each guess is charged, and the right password forgives", async () => {
  // The network and the address are limited more tightly than the lockout; here they are not to come first.
  const policies = block("toml").replaceAll(/preset = "login\w*"/g, 'tiers = [{ id = "any", limit = 100, period = "1h" }]');
  const gate = await Gate.fromPolicy(`version = 1\nstore = { default = "memory:" }\n${policies}`);
  const logIn = new AsyncFunction("gate", "ip", "email", "password", "checkPassword", block("js"));
  const attempt = (email, password) => logIn(gate, "203.0.113.7", email, password, (_, given) => given === "right");

  for (let guess = 0; guess < 9; guess += 1) await attempt("ada@example.com", "wrong");
  await attempt("Ada@example.com", "right");
  assert.equal((await gate.lockout.status("login", "ada@example.com")).fails, 0);
  for (let guess = 0; guess < 10; guess += 1) await attempt("ada@example.com", "wrong");
  await assert.rejects(attempt("ada@example.com", "right"), Locked);
  await assert.rejects(
    logIn(gate, "203.0.113.7", "eve@example.com", "x", () => {
      throw new Error("no database");
    }),
    /no database/,
  );
  assert.equal((await gate.lockout.status("login", "eve@example.com")).fails, 0);
  await gate.close();
});

test("the login of the page on limits: a refusal is the answer to send", async () => {
  const gate = await Gate.fromPolicy(`version = 1\nstore = { default = "memory:" }\n${block("toml")}`);
  const logIn = new AsyncFunction("gate", "ip", "email", "password", "checkPassword", block("js"));
  const attempt = () => logIn(gate, "203.0.113.7", "ada@example.com", "wrong", () => false);
  for (let guess = 0; guess < 5; guess += 1) assert.equal(await attempt(), undefined);
  const refused = await attempt();
  assert.deepEqual([refused.status, JSON.parse(Buffer.from(refused.body))["violated-policies"]], [429, ["quarter"]]);
  await gate.close();
});
