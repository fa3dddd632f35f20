// A server for one test, and requests whose header lines and bytes are seen as they are on the wire.
import { once } from "node:events";
import { request } from "node:http";

/** Listens on any free port while `use` runs. */
export async function served(server, use) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await use(server.address().port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** Sends a request; gives `{ status, headers, body }` with the raw header lines as pairs, names in lower case. */
export function ask(port, { method = "POST", path = "/orders", headers = {}, body = "" } = {}) {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", method, path, headers: { "Content-Length": Buffer.byteLength(body), ...headers }, agent: false });
    asked.on("error", reject).on("response", (response) => {
      const chunks = [];
      response.on("error", reject).on("data", (chunk) => chunks.push(chunk)).on("end", () => {
        const lines = [];
        for (let at = 0; at < response.rawHeaders.length; at += 2) lines.push([response.rawHeaders[at].toLowerCase(), response.rawHeaders[at + 1]]);
        resolve({ status: response.statusCode, reason: response.statusMessage, headers: lines, body: Buffer.concat(chunks) });
      });
    });
    asked.end(body);
  });
}

/** What a server adds by itself to each answer. */
const OF_THE_EXCHANGE = ["connection", "date", "content-length", "keep-alive", "transfer-encoding"];

export const lines = ({ headers }) => headers.filter(([name]) => !OF_THE_EXCHANGE.includes(name));
export const replayed = ({ headers }) => headers.some(([name, value]) => name === "idempotent-replayed" && value === "true");

/** The code of a problem, once its form is right. */
export function problem(answer) {
  const { type, title, status, code, retryable, reuse_key: reuseKey, detail } = JSON.parse(answer.body);
  if (status !== answer.status || type !== `urn:gatewright:error:${code}`) throw new Error(`no problem: ${answer.body}`);
  for (const text of [title, detail]) if (typeof text !== "string") throw new Error(`no problem: ${answer.body}`);
  for (const flag of [retryable, reuseKey]) if (typeof flag !== "boolean") throw new Error(`no problem: ${answer.body}`);
  return code;
}
