import { contractOf } from "@pocketid-mcp/core/runtime";
import { startSandbox } from "@pocketid-mcp/sandbox";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { connect } from "../../tests/support/connect.ts";
import { servers } from "../servers.ts";
import type { Figure, Section } from "./figure.ts";

/** What a model pays for having a server, and for what it asks. Tokens are those of o200k; nothing here depends on the machine. */
export const size: Section = async () => [...lists(), ...(await answers())];

export const tokens = (text: string): number => encode(text).length;

/** Tokens that a tool may cost on average over all servers. */
const tokensOfATool = 100;

function lists(): Figure[] {
  const parts = servers.map(({ name, tools }) => {
    const listed = contractOf(tools).tools;
    // What MCP clients hand to a model; the rest they keep to themselves.
    const seen = listed.map(({ name, description, inputSchema }) => JSON.stringify({ name, description, inputSchema }));
    const whole = JSON.stringify({ tools: listed });
    return { name, count: listed.length, seen, whole };
  });
  const all = parts.flatMap(({ seen }) => seen);
  return [
    ...parts.flatMap(({ name, count, seen, whole }): Figure[] => [
      { what: `${count} tools of ${name}, as a model sees them`, value: sum(seen.map(tokens)), unit: "tokens" },
      { what: `${count} tools of ${name}, as a model sees them, in bytes`, value: sum(seen.map(bytes)), unit: "bytes" },
      { what: `${count} tools of ${name}, whole`, value: tokens(whole), unit: "tokens" },
      { what: `${count} tools of ${name}, whole, in bytes`, value: bytes(whole), unit: "bytes" },
    ]),
    {
      what: `a tool, on average over all ${all.length}`,
      value: sum(all.map(tokens)) / all.length,
      unit: "tokens",
      atMost: tokensOfATool,
    },
  ];
}

/** Share of the whole objects that answers may take, each list and all together. */
const share = 0.45;
/** Of an object that is asked for by name, everything is answered: what can be left out is its indentation, and what it says of others. */
const shareOfOne = 0.65;

interface Typical {
  readonly tool: string;
  readonly args?: Readonly<Record<string, unknown>>;
  /** What Pocket ID's own API is asked for the same. */
  readonly path: string;
  readonly atMost: number;
}

/** Ten questions that administrators ask. */
const typical = (user: string, group: string): readonly Typical[] => [
  { tool: "user_get", args: { user }, path: `/api/users/${user}`, atMost: shareOfOne },
  { tool: "user_list", path: "/api/users?pagination[limit]=100", atMost: share },
  { tool: "user_group_get", args: { group }, path: `/api/user-groups/${group}`, atMost: share },
  { tool: "user_group_list", path: "/api/user-groups?pagination[limit]=100", atMost: share },
  { tool: "oidc_client_get", args: { client: "immich" }, path: "/api/oidc/clients/immich", atMost: shareOfOne },
  { tool: "oidc_client_list", path: "/api/oidc/clients?pagination[limit]=100", atMost: share },
  { tool: "audit_log_list_all", path: "/api/audit-logs/all?pagination[limit]=100", atMost: share },
  // Two keys: ids and times are most of it, and are what tells them apart.
  { tool: "api_key_list", path: "/api/api-keys?pagination[limit]=100", atMost: shareOfOne },
  { tool: "app_config_get", path: "/api/application-configuration", atMost: share },
  { tool: "oidc_client_accessible_list", path: "/api/oidc/users/me/clients?pagination[limit]=100", atMost: share },
];

/** Asks a sandbox ten questions, through the servers and directly. */
export async function answers(): Promise<Figure[]> {
  const sandbox = await startSandbox();
  const mcp = await connect(
    servers.flatMap(({ tools }) => tools),
    { sandbox },
  );
  try {
    const { users, userGroups } = sandbox.state;
    const user = [...users.values()].find(({ username }) => username === "alice")?.id ?? "";
    const group = [...userGroups.values()].find(({ name }) => name === "members")?.id ?? "";
    const figures: Figure[] = [];
    for (const { tool, args, path, atMost } of typical(user, group)) {
      const { text, isError } = await mcp.call(tool, args);
      if (isError) throw new Error(`${tool} failed: ${text}`);
      const direct = await fetch(`${sandbox.url}${path}`, { headers: { "X-API-Key": sandbox.apiKey } });
      const whole = JSON.stringify(await direct.json(), null, 2);
      figures.push(against(`answer of ${tool}`, tokens(text), tokens(whole), atMost));
    }
    const total = against(
      "these ten answers",
      sum(figures.map(({ value }) => value)),
      sum(figures.map(({ baseline }) => baseline?.value ?? 0)),
      share,
    );
    return [...figures, total];
  } finally {
    await mcp.close();
    await sandbox.close();
  }
}

const against = (what: string, value: number, whole: number, atMost: number): Figure => ({
  what,
  value,
  unit: "tokens",
  baseline: { what: "whole objects, indented", value: whole },
  atMost,
});
const bytes = (text: string): number => Buffer.byteLength(text);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
