import { devNull } from "node:os";
import type { ActionRecord, Outcome } from "../action-log/record.ts";
import { openWriter } from "../action-log/writer.ts";
import type { ChangeRecord, ValueChange } from "../pocket-id/change-record.ts";
import { cleanText } from "../pocket-id/clean-text.ts";
import type { RequestRecord } from "../pocket-id/request-record.ts";
import { withoutSecrets } from "../pocket-id/secrets.ts";
import type { Route } from "../pocket-id/versions.ts";
import type { Confirmation } from "./confirm.ts";
import type { Tool } from "./define-tool.ts";
import type { Target } from "./reference-arguments.ts";

export type { Outcome } from "../action-log/record.ts";

/** The program that speaks MCP with us, as it calls itself. */
export interface ClientIdentity {
  readonly name: string;
  readonly version: string;
}

/** A call that changed something, or tried to. */
export interface Action {
  /** The same for all that is written about one call. */
  readonly call: string;
  readonly tool: Pick<Tool, "name" | "risk" | "routes">;
  readonly outcome: Outcome;
  /** How it went with the question to a person; undefined if it did not come so far. */
  readonly confirmation?: Confirmation | undefined;
  /** Who asked for it, as far as that is known. */
  readonly client?: ClientIdentity | undefined;
  readonly targets: readonly Target[];
  /** Names of the fields that changed, never their values; if there are none, those that were seen to change. */
  readonly changed: readonly string[];
  /** What was seen to change. */
  readonly changes: readonly ChangeRecord[];
  readonly requests: readonly RequestRecord[];
  readonly startedAt: Date;
  readonly durationMs: number;
}

/**
 * A file to which every action is added. A call that makes a secret is added twice: with `begun` before, and with its end.
 * @returns false if the line could not be written yet
 */
export type ActionLog = (action: Action) => Promise<boolean>;

export interface ActionLogOptions {
  /** Size at which a new file is begun. */
  readonly maxBytes: number;
  /** Values that no line may hold, whatever Pocket ID answers. */
  readonly secrets: readonly string[];
  /** Origin of the Pocket ID that is changed. */
  readonly instance: string;
  /** The server that changes it, with its version. */
  readonly server: string;
  /** Milliseconds to wait for other servers that write. */
  readonly waitMs?: number;
}

/**
 * Opens the action log. The file is made by the first line, readable by its owner alone, and each line is on the disk before the call goes on.
 * @param warn told once if lines cannot be written, and once if they cannot be written into the chain; calls go on that make no secret
 */
export function openActionLog(
  path: string,
  { secrets, instance, server, ...options }: ActionLogOptions,
  warn: (message: string) => void,
): ActionLog {
  if (path === devNull) return async () => true;
  const warned = new Set<string>();
  const warnOnce = (of: string, message: string): void => {
    if (!warned.has(of)) warn(`The action log ${path} ${message}`);
    warned.add(of);
  };
  const write = openWriter(path, {
    ...options,
    onLoose: (reason) =>
      warnOnce(
        "chain",
        `goes on without its chain: ${reason}. Lines are written all the same, and the next one vouches for them.`,
      ),
  });
  return async (action) => {
    try {
      await write(withoutSecrets(JSON.stringify(actionRecord(action, instance, server)), secrets));
      return true;
    } catch (error) {
      warnOnce("file", `cannot be written (${error instanceof Error && "code" in error ? error.code : "unknown"}).`);
      return false;
    }
  };
}

/** What a line says. It holds ids and names of fields, and values that are no text: no bodies, no keys, no names of people. */
export function actionRecord(
  { call, tool, outcome, client, confirmation, targets, changed, changes, requests, startedAt, durationMs }: Action,
  instance: string,
  server: string,
): ActionRecord {
  const changing = requests.filter(({ method }) => method !== "GET");
  const main = mainRequest(tool.routes, changing);
  const [declaredMethod = "", declaredPath = ""] = (tool.routes.find(isChanging) ?? "").split(" ");
  const httpMethod = main?.method ?? declaredMethod;
  const path = main?.path ?? declaredPath;
  return {
    level: levels[outcome],
    time: startedAt.toISOString(),
    tool: tool.name,
    httpMethod,
    path,
    resourceId: main?.resourceId ?? (targets.length === 1 ? (targets[0]?.id ?? null) : null),
    success: outcome === "ok",
    msg: `audit: ${tool.name} ${httpMethod} ${path} ${outcome.toUpperCase()}`,
    risk: tool.risk,
    outcome,
    status: main?.status ?? null,
    code: main?.code ?? null,
    requestId: main?.requestId ?? null,
    targets: targets.map(({ kind, id }) => `${kind}:${id}`),
    changed: changed.length > 0 ? [...changed] : [...new Set(changes.flatMap(({ fields }) => fields))],
    requests: changing.map((request) => `${request.method} ${request.path} ${request.status ?? request.code}`),
    durationMs,
    values: valuesOf(changes),
    instance,
    server,
    client: client === undefined ? null : cleanText(`${client.name} ${client.version}`).slice(0, longestClient),
    confirmation: confirmation ?? null,
    call,
  };
}

/** Characters of what a client calls itself. */
const longestClient = 120;

const levels: Readonly<Record<Outcome, number>> = {
  ok: 30,
  begun: 30,
  refused: 40,
  declined: 40,
  cancelled: 40,
  failed: 50,
};

/** The request that a call is about: of the operations that its tool declares, the first that was sent. */
function mainRequest(routes: readonly Route[], requests: readonly RequestRecord[]): RequestRecord | undefined {
  return routes.filter(isChanging).flatMap((route) => requests.find((request) => request.route === route) ?? [])[0];
}

const isChanging = (route: string): boolean => !route.startsWith("GET ");

/** The values of all changes: where one object was changed more than once, what it was before the first and is after the last. */
function valuesOf(changes: readonly ChangeRecord[]): ActionRecord["values"] {
  const objects = new Map<string, Map<string, ValueChange>>();
  for (const { object, values } of changes) {
    for (const [field, value] of Object.entries(values)) {
      const fields = objects.get(object) ?? new Map<string, ValueChange>();
      const first = fields.get(field);
      objects.set(object, fields.set(field, first === undefined ? value : { ...value, before: first.before }));
    }
  }
  return Object.fromEntries([...objects].map(([object, fields]) => [object, Object.fromEntries(fields)]));
}
