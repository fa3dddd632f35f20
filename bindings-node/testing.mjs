export { ManualClock, fromPolicy, open, refreshView, reopen, verifyJws } from "./dist/testing.js";
