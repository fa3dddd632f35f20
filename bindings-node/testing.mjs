export { ManualClock, fromPolicy, open, readDecision, refreshView, reopen, verifyJws } from "./dist/testing.js";
