export { decisionOf, idempotency, operation, problems, rateLimit } from "./dist/fastify.js";
