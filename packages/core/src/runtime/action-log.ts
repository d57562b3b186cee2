import { open } from "node:fs/promises";
import { dirname } from "node:path";
import type { RequestRecord } from "../pocket-id/connection.ts";
import { withoutSecrets } from "../pocket-id/secrets.ts";
import type { Route } from "../pocket-id/versions.ts";
import type { Confirmation } from "./confirm.ts";
import type { Tool } from "./define-tool.ts";
import { makeFolder, requireFile } from "./make-folder.ts";
import type { Target } from "./reference-arguments.ts";

/** How a call ended. `begun` is a line of its own before a secret is made: without one after it, nobody may know the secret. */
export type Outcome = "begun" | "ok" | "refused" | "declined" | "failed" | "cancelled";

/** A call that changed something, or tried to. */
export interface Action {
  readonly tool: Pick<Tool, "name" | "risk" | "routes">;
  readonly outcome: Outcome;
  /** How it went with the question to a person; undefined if it did not come so far. */
  readonly confirmation: Confirmation | undefined;
  /** The MCP client that carried it, as it names itself. */
  readonly client: { readonly name: string; readonly version: string } | undefined;
  readonly targets: readonly Target[];
  /** Names of the fields that changed, never their values. */
  readonly changed: readonly string[];
  readonly requests: readonly RequestRecord[];
  readonly startedAt: Date;
  readonly durationMs: number;
}

/** A file to which every action is added. */
export type ActionLog = (action: Action) => Promise<void>;

/**
 * Opens the action log. The file is made by the first line, readable by its owner alone, and each line is on the disk before the call is answered.
 * @param secrets values that no line may hold, whatever Pocket ID answers
 * @param warn told once if lines cannot be written; calls go on
 */
export function openActionLog(path: string, secrets: readonly string[], warn: (message: string) => void): ActionLog {
  let warned = false;
  return async (action) => {
    try {
      makeFolder(dirname(path));
      requireFile(path);
      const file = await open(path, "a", 0o600);
      try {
        await file.write(`${withoutSecrets(JSON.stringify(actionLine(action)), secrets)}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    } catch (error) {
      if (!warned)
        warn(
          `The action log ${path} cannot be written (${error instanceof Error && "code" in error ? error.code : "unknown"}).`,
        );
      warned = true;
    }
  };
}

/** One line of the log. Holds ids and names of fields: no values, no bodies, no keys, no names of people. */
export function actionLine({
  tool,
  outcome,
  confirmation,
  client,
  targets,
  changed,
  requests,
  startedAt,
  durationMs,
}: Action): Record<string, unknown> {
  const changing = requests.filter(({ method }) => method !== "GET");
  const main = mainRequest(tool.routes, changing);
  const [declaredMethod, declaredPath] = (tool.routes.find((route) => !route.startsWith("GET ")) ?? "").split(" ");
  const httpMethod = main?.method ?? declaredMethod;
  const path = main?.path ?? declaredPath;
  return {
    level: outcome === "ok" || outcome === "begun" ? 30 : outcome === "failed" ? 50 : 40,
    time: startedAt.toISOString(),
    tool: tool.name,
    httpMethod,
    path,
    resourceId: main?.resourceId ?? (targets.length === 1 ? (targets[0]?.id ?? null) : null),
    success: outcome === "ok",
    msg: `audit: ${tool.name} ${httpMethod} ${path} ${outcome === "ok" ? "OK" : outcome.toUpperCase()}`,
    risk: tool.risk,
    outcome,
    confirmation: confirmation ?? null,
    client: client ? `${client.name} ${client.version}` : null,
    status: main?.status ?? null,
    code: main?.code ?? null,
    requestId: main?.requestId ?? null,
    targets: targets.map(({ kind, id }) => `${kind}:${id}`),
    changed,
    requests: changing.map((request) => `${request.method} ${request.path} ${request.status ?? request.code}`),
    durationMs,
  };
}

/** The request that a call is about: of the operations that its tool declares, the first that was sent. */
function mainRequest(routes: readonly Route[], requests: readonly RequestRecord[]): RequestRecord | undefined {
  const order = routes.filter((route) => !route.startsWith("GET "));
  return order.flatMap((route) => requests.find((request) => request.route === route) ?? [])[0];
}
