export { idempotency, operation } from "./dist/fastify.js";
