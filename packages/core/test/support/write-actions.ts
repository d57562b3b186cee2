import { openActionLog } from "../../src/runtime/action-log.ts";

// A server as far as its action log goes: writes so many lines, says of each that it is on the disk, and ends. Without end, if no count is given.
const [path = "", name = "", count = "Infinity", maxBytes = "10000000", waitMs = "10000"] = process.argv.slice(2);

const log = openActionLog(
  path,
  {
    maxBytes: Number(maxBytes),
    waitMs: Number(waitMs),
    secrets: [],
    instance: "https://id.example.com",
    server: name,
  },
  (message) => console.error(message),
);
const startedAt = new Date();
const begun = performance.now();
for (let number = 1; number <= Number(count); number++) {
  await log({
    call: `${name}-${number}`,
    tool: { name: "user_update", risk: "danger", routes: ["PUT /api/users/:id"] },
    outcome: "ok",
    targets: [{ kind: "user", id: "5d1f6f0e-7c1b-4f43-9a5c-0a5f8a0f7c11" }],
    changed: ["displayName"],
    changes: [],
    requests: [],
    startedAt,
    durationMs: 1,
  });
  console.log(number);
}
console.log(`done in ${Math.round(performance.now() - begun)} ms`);
