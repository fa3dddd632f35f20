export { idempotency, keepRawBody, problems } from "./dist/express.js";
