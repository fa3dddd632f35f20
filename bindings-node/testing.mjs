export { ManualClock, fromPolicy, open, refreshView, reopen } from "./dist/testing.js";
