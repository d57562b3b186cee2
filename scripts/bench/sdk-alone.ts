// What the MCP SDK takes by itself: the same server without our code, with the one request of floor.cjs. A baseline.
import { Server } from "@modelcontextprotocol/server";
import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { Pool } from "undici";

const { POCKETID_URL = "", POCKETID_API_KEY = "" } = process.env;
let pool: Pool | undefined;

serveStdio(() => {
  const server = new Server({ name: "sdk-alone", version: "1" }, { capabilities: { tools: {} } });
  server.setRequestHandler("tools/list", () => ({ tools: [] }));
  server.setRequestHandler("tools/call", async ({ params }) => {
    pool ??= new Pool(POCKETID_URL, { connections: 64 });
    const headers = { "x-api-key": POCKETID_API_KEY };
    const { body } = await pool.request({
      method: "GET",
      path: `/api/users/${params.arguments?.user}`,
      headers,
    });
    const answer = (await body.json()) as Record<string, unknown>;
    return { content: [{ type: "text", text: JSON.stringify(answer) }], structuredContent: answer };
  });
  return server;
});
