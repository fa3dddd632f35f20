export { idempotency, operation, problems } from "./dist/fastify.js";
