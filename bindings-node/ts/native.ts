/** The native half: see `src/lib.rs`. Not part of the public API. */
import native = require("../native.cjs");

export { native };
export type Handle = Parameters<typeof native.gateClose>[0];
