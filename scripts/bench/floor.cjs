// What one would write by hand to speak MCP over stdio and ask Pocket ID for one user: no SDK, no schemas, no checks. A baseline.
const { readFileSync } = require("node:fs");
const { createInterface } = require("node:readline");

const { POCKETID_URL, POCKETID_API_KEY, TOOLS } = process.env;
let pool;

/** What a program without any of our code would do for `user_get`. */
async function userGet({ user }) {
  if (pool === undefined) {
    const { Pool } = require("undici");
    pool = new Pool(POCKETID_URL, { connections: 64 });
  }
  const { body } = await pool.request({
    method: "GET",
    path: `/api/users/${user}`,
    headers: { "x-api-key": POCKETID_API_KEY },
  });
  const answer = await body.json();
  return { content: [{ type: "text", text: JSON.stringify(answer) }], structuredContent: answer };
}

const methods = {
  initialize: ({ protocolVersion }) => ({
    protocolVersion,
    capabilities: { tools: {} },
    serverInfo: { name: "floor", version: "1" },
  }),
  "tools/list": () => JSON.parse(readFileSync(TOOLS, "utf8")),
  "tools/call": ({ arguments: args }) => userGet(args),
};

createInterface({ input: process.stdin }).on("line", async (line) => {
  const { id, method, params } = JSON.parse(line);
  if (id === undefined) return;
  const result = await methods[method](params ?? {});
  process.stdout.write(`${JSON.stringify({ jsonrpc: "2.0", id, result })}\n`);
});
