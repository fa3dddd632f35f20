export { idempotency, keepRawBody, problems, rawBody } from "./dist/express.js";
