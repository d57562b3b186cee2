import { createHash } from "node:crypto";
import type { Sandbox, SandboxOptions } from "@pocketid-mcp/sandbox";
import { describe, expect, it } from "vitest";
import { type Aftermath, type KilledCall, killedAt, type Point } from "../support/killed-server.ts";

const calls: readonly (KilledCall & { versions: readonly NonNullable<SandboxOptions["version"]>[] })[] = [
  { server: "clients", tool: "oidc_client_create", args: { name: "Wiki", groups: ["board"] }, versions: ["2.14"] },
  { server: "clients", tool: "oidc_client_create_secret", args: { client: "immich" }, versions: ["2.14", "2.13"] },
  { server: "clients", tool: "oidc_client_rotate_secret", args: { client: "immich" }, versions: ["2.14", "2.13"] },
  { server: "keys-audit", tool: "api_key_create", args: { name: "Export", expiresAt: "1d" }, versions: ["2.14"] },
  {
    server: "keys-audit",
    tool: "api_key_renew",
    args: { apiKey: "Backup script", expiresAt: "1d" },
    versions: ["2.14"],
  },
  { server: "users", tool: "user_create_one_time_access_token", args: { user: "alice" }, versions: ["2.14"] },
  { server: "users", tool: "signup_token_create", args: {}, versions: ["2.14"] },
];
const cases = calls.flatMap(({ versions, ...call }) => versions.map((version) => ({ ...call, version })));

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Everything that lets somebody in, as the sandbox holds it: of an API key, the hash. */
const heldBy = ({ state }: Sandbox): string[] => [
  ...[...state.oidcClients.values()].flatMap(({ secrets }) => secrets.map(({ value }) => value)),
  ...[...state.apiKeys.values()].map(({ key }) => key),
  ...state.oneTimeAccessTokens.keys(),
  ...[...state.signupTokens.values()].map(({ token }) => token),
  ...state.sessions.keys(),
];

/** What may stand in a file, as the sandbox would hold it. */
const asHeld = (content: string): string[] => [sha256(content), content.replace(/^.*\/(?:lc|st)\//, "")];

/** Checks what has to hold wherever a server was killed, and tells in how many ways it did. */
function judge({ sandbox, files, actions, answered }: Aftermath, before: readonly string[], tool: string) {
  const held = heldBy(sandbox);
  const known = [...files.values()].flatMap(asHeld);
  // A file is complete, and what is in it works.
  for (const content of files.values()) expect(asHeld(content).filter((value) => held.includes(value))).toHaveLength(1);
  const unknown = held.filter((value) => !before.includes(value) && !known.includes(value));
  const outcomes = actions.filter((line) => line.tool === tool).map(({ outcome }) => outcome);
  if (answered)
    expect([unknown.length === 0 || tool.startsWith("api_key_"), outcomes]).toEqual([true, ["begun", "ok"]]);
  else if (unknown.length > 0) expect(outcomes).toEqual(["begun"]);
  return { unknown: unknown.length, files: files.size, lost: before.filter((value) => !held.includes(value)).length };
}

async function tryPoint(call: KilledCall, point: Point, options: SandboxOptions) {
  let before: string[] = [];
  const aftermath = await killedAt(call, point, options, (sandbox) => {
    before = heldBy(sandbox);
  });
  return { ...judge(aftermath, before, call.tool), answered: aftermath.answered };
}

/** All points of one kind, until the server answers because there are no more. A few at a time. */
async function tryAll(points: (nth: number) => Point, call: KilledCall, options: SandboxOptions) {
  const results: Awaited<ReturnType<typeof tryPoint>>[] = [];
  for (let nth = 1; results.at(-1)?.answered !== true; nth += 3) {
    const next = await Promise.all([nth, nth + 1, nth + 2].map((one) => tryPoint(call, points(one), options)));
    results.push(...next);
  }
  return results.filter(({ answered }) => !answered);
}

describe.each(cases)("a server that is killed while $tool runs on $version", ({ version, ...call }) => {
  type Results = Awaited<ReturnType<typeof tryAll>>;
  /** Before 2.14, Pocket ID ends the secret of a client in the same step; otherwise it works until the new one is in its file. */
  const checkOld = (results: Results) => {
    const twoWork = version === "2.14" && call.server === "clients";
    for (const { files, lost } of twoWork ? results : []) expect(files === 1 || lost === 0).toBe(true);
  };

  it("before any of its requests has left nothing behind that it does not say", { timeout: 120_000 }, async () => {
    const results = await tryAll((request) => ({ request, side: "before" }), call, { version });
    expect(results.length).toBeGreaterThanOrEqual(3);
    checkOld(results);
  });

  it("after any of its requests has left a file or a line", { timeout: 120_000 }, async () => {
    const results = await tryAll((request) => ({ request, side: "after" }), call, { version });
    // The point where nobody knows the secret is among them: Pocket ID has made it and its answer is on the way.
    expect(results.some(({ unknown, files }) => unknown > 0 && files === 0)).toBe(true);
    checkOld(results);
  });

  it("at any step with the file has left the whole of it, or a line", { timeout: 180_000 }, async () => {
    const results = await tryAll((step) => ({ step }), call, { version });
    expect(results.length).toBeGreaterThanOrEqual(12);
    expect(results.some(({ files }) => files === 1)).toBe(true);
    checkOld(results);
  });
});
