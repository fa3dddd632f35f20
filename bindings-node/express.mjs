export { idempotency, keepRawBody, problems, rateLimit, rawBody } from "./dist/express.js";
