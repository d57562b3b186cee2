import { startSandbox } from "@pocketid-mcp/sandbox";

// A sandbox in a process of its own, so that its work is not measured with ours. Ends with stdin.
const { url, apiKey, state } = await startSandbox({ seed: "club" });
process.stdout.write(`${JSON.stringify({ url, apiKey, user: [...state.users.keys()][1] })}\n`);
process.stdin.resume().once("end", () => process.exit());
