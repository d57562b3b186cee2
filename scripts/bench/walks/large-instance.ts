import { randomUUID } from "node:crypto";
import { startSandbox } from "@pocketid-mcp/sandbox";
import { endWithParent } from "./child.ts";

// A Pocket ID with so many users in all. Writes where it listens.
endWithParent();
const count = Number(process.argv[2]);
const { url, apiKey, state, requests } = await startSandbox({ seed: "empty" });
const [admin] = state.users.values();
if (admin === undefined) throw new Error("the sandbox has no administrator");
for (let index = 1; index < count; index++) {
  const id = randomUUID();
  // In the order of the list, which a real database has an index for.
  const username = `user${String(index).padStart(6, "0")}`;
  state.users.set(id, { ...admin, id, username, email: `${username}@example.com`, isAdmin: false });
}
// What was asked is kept for tests.
setInterval(() => requests.splice(0), 1_000).unref();
console.log(JSON.stringify({ url, apiKey }));
