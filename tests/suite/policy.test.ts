import { afterEach, describe, expect, it } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { changingCalls } from "../support/changing-calls.ts";
import { type Connected, connect } from "../support/connect.ts";

const tools = servers.flatMap((server) => server.tools);
const named = (risk: (risk: string) => boolean) => tools.filter((tool) => risk(tool.risk)).map(({ name }) => name);
const reading = named((risk) => risk === "read");
const changing = named((risk) => risk !== "read");

let mcp: Connected;
afterEach(() => mcp.close());

async function open(env: Record<string, string>) {
  mcp = await connect(tools, { env });
}
const listed = async () => (await mcp.client.listTools()).tools.map(({ name }) => name);
const actions = () => mcp.actions().map(({ tool, outcome }) => ({ tool, outcome }));

describe("a read-only server", () => {
  it("lists the tools that change nothing, and no other", async () => {
    await open({ POCKETID_READ_ONLY: "true" });
    expect(await listed()).toEqual(reading);
    expect(reading).toContain("user_list");
    expect(changing).toHaveLength(Object.keys(changingCalls).length);
  });

  it("refuses every other that is called anyway; nothing is sent, and each attempt is a line in the action log", async () => {
    await open({ POCKETID_READ_ONLY: "true" });
    for (const name of changing)
      expect(await mcp.fails(name, changingCalls[name])).toBe(
        `Nothing was changed. ${name} changes something, and this server is read-only (POCKETID_READ_ONLY).`,
      );
    expect(mcp.sandbox.requests).toEqual([]);
    expect(actions()).toEqual(changing.map((tool) => ({ tool, outcome: "refused" })));
  });

  it("still reads", async () => {
    await open({ POCKETID_READ_ONLY: "true" });
    expect((await mcp.ok("user_get", { user: "alice" })).user.username).toBe("alice");
    expect((await mcp.ok("audit_log_list_all", { groupBy: "event" })).totalItems).toBeGreaterThan(0);
  });

  it.each(["false", "0", "no"])("is not what POCKETID_READ_ONLY=%s makes", async (value) => {
    await open({ POCKETID_READ_ONLY: value });
    expect(await listed()).toHaveLength(tools.length);
  });
});

describe("POCKETID_TOOLS", () => {
  it("offers what its names and globs match, and no other", async () => {
    await open({ POCKETID_TOOLS: "user_g*, health_check" });
    expect(await listed()).toEqual(tools.map(({ name }) => name).filter((name) => /^user_g|^health_check$/.test(name)));
    await mcp.ok("user_get", { user: "alice" });
    await mcp.ok("user_group_update", changingCalls.user_group_update);
  });

  it("refuses every other that is called anyway, with nothing sent", async () => {
    await open({ POCKETID_TOOLS: "user_g*" });
    const refusal = (name: string) =>
      `Nothing was changed. ${name} is not among the tools that the operator allows (POCKETID_TOOLS).`;
    expect(await mcp.fails("user_update", changingCalls.user_update)).toBe(refusal("user_update"));
    expect(await mcp.fails("user_list")).toBe(refusal("user_list"));
    expect(mcp.sandbox.requests).toEqual([]);
    // A tool that changes nothing leaves no line.
    expect(actions()).toEqual([{ tool: "user_update", outcome: "refused" }]);
  });

  it("does not lift read-only", async () => {
    await open({ POCKETID_TOOLS: "user_*", POCKETID_READ_ONLY: "true" });
    expect(await listed()).toEqual(reading.filter((name) => name.startsWith("user_")));
    expect(await mcp.fails("user_update", changingCalls.user_update)).toMatch(/read-only/);
  });
});

describe("POCKETID_EXCLUDE_TOOLS", () => {
  it("takes away what its names and globs match, and refuses it when it is called anyway", async () => {
    await open({ POCKETID_EXCLUDE_TOOLS: "*_delete,api_key_*" });
    const left = tools.map(({ name }) => name).filter((name) => !/_delete$|^api_key_/.test(name));
    expect(await listed()).toEqual(left);
    for (const name of ["user_delete", "api_key_create"])
      expect(await mcp.fails(name, changingCalls[name])).toBe(
        `Nothing was changed. ${name} is switched off by the operator (POCKETID_EXCLUDE_TOOLS).`,
      );
    expect(mcp.sandbox.requests).toEqual([]);
    expect(actions()).toEqual([
      { tool: "user_delete", outcome: "refused" },
      { tool: "api_key_create", outcome: "refused" },
    ]);
    await mcp.ok("user_update", changingCalls.user_update);
  });

  it("wins over POCKETID_TOOLS", async () => {
    await open({ POCKETID_TOOLS: "user_*", POCKETID_EXCLUDE_TOOLS: "user_group_*" });
    expect(await listed()).toEqual(
      tools.map(({ name }) => name).filter((name) => /^user_/.test(name) && !/^user_group_/.test(name)),
    );
    expect(await mcp.fails("user_group_delete", changingCalls.user_group_delete)).toMatch(/POCKETID_EXCLUDE_TOOLS/);
  });
});
