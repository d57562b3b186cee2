import type { Sandbox } from "@pocketid-mcp/sandbox";
import { type Connected, connect } from "../../tests/support/connect.ts";
import { servers } from "../servers.ts";
import type { Figure, Section } from "./figure.ts";
import { tokens } from "./size.ts";

// What an administrator's jobs take from start to finish, on a sandbox: how often the model has to call, what goes to Pocket ID for it, and
// what the model writes and reads. Whoever is asked says yes.
export const jobs: Section = async ({ progress }) => {
  const figures: Figure[] = [];
  for (const job of all) {
    progress(job.name);
    figures.push(...(await measure(job)));
  }
  return figures;
};

interface Job {
  readonly name: string;
  /** At most. */
  readonly calls: number;
  /** At most; what a person is asked about is read twice, before the question and after the answer. */
  readonly requests: number;
  prepare?(sandbox: Sandbox): void;
  run(call: Connected["ok"]): Promise<void>;
  /** Whether the job is done: a figure of one that is not means nothing. */
  done(sandbox: Sandbox, read: string): boolean;
}

const all: readonly Job[] = [
  {
    name: "connect an application",
    calls: 3,
    requests: 13,
    async run(call) {
      await call("oidc_client_create", {
        name: "Miniflux",
        callbackURLs: ["https://rss.riverside-rowing.example/oauth2/oidc/callback"],
        groups: ["board"],
      });
      await call("oidc_discovery");
      await call("oidc_client_preview_claims", { client: "Miniflux", user: "robin" });
    },
    done: ({ state }, read) =>
      [...state.oidcClients.values()].some(
        ({ name, isGroupRestricted }) => name === "Miniflux" && isGroupRestricted === true,
      ) && read.includes("token_endpoint"),
  },
  {
    name: "onboard a person",
    calls: 2,
    requests: 10,
    async run(call) {
      await call("user_create", {
        username: "nora",
        firstName: "Nora",
        lastName: "Lind",
        email: "nora@riverside-rowing.example",
        groups: ["members", "coaches"],
      });
      await call("user_create_one_time_access_token", { user: "nora", ttl: "7d" });
    },
    done: ({ state }) =>
      state.oneTimeAccessTokens.size === 1 &&
      [...state.users.values()].some(({ username, userGroupIds }) => username === "nora" && userGroupIds.length === 2),
  },
  {
    name: "say who can sign in where",
    calls: 2,
    requests: 6,
    async run(call) {
      await call("oidc_client_list");
      await call("user_list", { disabled: false, full: true });
    },
    done: (_sandbox, read) => read.includes('"access":"nobody"') && read.includes('"userGroups":['),
  },
  {
    name: "rotate a secret",
    calls: 2,
    requests: 24,
    async run(call) {
      const { old } = await call("oidc_client_rotate_secret", { client: "Immich", overlap: "24h" });
      await call("oidc_client_delete_secret", { client: "Immich", secrets: [old.prefix] });
    },
    done: ({ state }) => state.oidcClients.get("immich")?.secrets.length === 1,
  },
  {
    name: "find a suspicious sign-in",
    calls: 3,
    requests: 5,
    prepare({ state }) {
      const theirs = state.auditLog.findLast(({ event }) => event === "SIGN_IN");
      if (theirs !== undefined)
        state.auditLog.push({ ...theirs, id: crypto.randomUUID(), country: "Brazil", city: "Recife" });
    },
    async run(call) {
      const { counts } = await call("audit_log_list_all", { event: "SIGN_IN", external: true, groupBy: "country" });
      const { auditLogs } = await call("audit_log_list_all", { country: counts.at(-1).key, full: true });
      await call("user_passkey_list", { user: auditLogs[0].username });
    },
    done: (_sandbox, read) => read.includes("Recife"),
  },
];

async function measure(job: Job): Promise<Figure[]> {
  const mcp = await connect(servers.flatMap(({ tools }) => tools));
  try {
    job.prepare?.(mcp.sandbox);
    const written: string[] = [];
    const read: string[] = [];
    await job.run(async (name, args = {}) => {
      const answer = await mcp.call(name, args);
      if (answer.isError) throw new Error(`${job.name}: ${name} failed: ${answer.text}`);
      written.push(JSON.stringify({ name, arguments: args }));
      read.push(answer.text);
      return answer.content;
    });
    if (!job.done(mcp.sandbox, read.join("\n"))) throw new Error(`${job.name}: this was not done.`);
    const texts = [...written, ...read];
    return [
      { what: job.name, value: written.length, unit: "calls", atMost: job.calls },
      {
        what: `${job.name}: to Pocket ID`,
        value: mcp.sandbox.requests.length,
        unit: "requests",
        atMost: job.requests,
      },
      { what: `${job.name}: written and read`, value: tokens(texts.join("\n")), unit: "tokens" },
      { what: `${job.name}: written and read, in bytes`, value: Buffer.byteLength(texts.join("")), unit: "bytes" },
    ];
  } finally {
    await mcp.close();
  }
}
