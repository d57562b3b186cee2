import { randomUUID } from "node:crypto";
import { oncePer } from "../once-per.ts";
import type { Cancellation } from "../pocket-id/cancellation.ts";
import type { ChangeRecord } from "../pocket-id/change-record.ts";
import type { PocketIdClient } from "../pocket-id/client.ts";
import { NotPossibleError, PocketIdError } from "../pocket-id/errors.ts";
import type { RequestRecord } from "../pocket-id/request-record.ts";
import { Secrets } from "../pocket-id/secrets.ts";
import type { Route } from "../pocket-id/versions.ts";
import { tierUp } from "../tier-up.ts";
import type { ActionLog, ClientIdentity, Outcome } from "./action-log.ts";
import { type Asking, type Confirm, type Confirmation, NotConfirmedError, type Person } from "./confirm.ts";
import type { Remarks, Tool, ToolContext } from "./define-tool.ts";
import { type DiagnosticLog, errorForLog } from "./diagnostic-log.ts";
import { clip, errorText, isRefusal } from "./error-text.ts";
import { readFileArgument } from "./file-argument.ts";
import { type ShownImage, showImage } from "./image.ts";
import type { OneAtATime } from "./one-at-a-time.ts";
import type { Policy } from "./policy.ts";
import { redactToJson, safeText } from "./redact.ts";
import { resolveReferences, type Target } from "./reference-arguments.ts";
import { plainSecrets, resolveSecrets, type SecretSources } from "./secret-arguments.ts";
import { openSecretDelivery, type SecretDelivery } from "./secret-delivery.ts";
import { bound, type Cut } from "./shape.ts";
import { validate } from "./validate.ts";

/** What every call of a server shares. */
export interface Runtime {
  readonly pocketId: PocketIdClient;
  readonly policy: Policy;
  readonly confirm: Confirm;
  /** Whether the operator lets a tool go without a question. */
  readonly goesUnasked: (tool: string) => boolean;
  /** Values that must never be shown. */
  readonly secrets: Secrets;
  /** Folders that files may be read from. */
  readonly folders: readonly string[];
  /** Where arguments may say that a secret is. */
  readonly secretSources: SecretSources;
  /** Folder for secrets that Pocket ID shows once; undefined if they are to stand in the answer. */
  readonly secretsFolder: string | undefined;
  /** Keeps guarded calls apart. */
  readonly oneAtATime: OneAtATime;
  readonly actionLog: ActionLog;
  readonly actionLogFile: string;
  readonly diagnosticLog: DiagnosticLog;
}

/** What comes with one call. The runtime knows no transport: whoever carries the call fills this in. */
export interface CallContext {
  readonly signal?: Cancellation | undefined;
  readonly onProgress: (done: number, total: number) => void;
  /** Whether a person can be asked, and what they have answered. Looked for only where one has to be. */
  readonly person: () => Promise<Person>;
  /** The MCP client that carried it, as it names itself. */
  readonly client?: () => ClientIdentity | undefined;
}

/** What comes of a call: an answer, or a question first. */
export type CallResult = CallAnswer | { readonly asking: Asking };

/** The answer to a call. */
export interface CallAnswer {
  readonly isError: boolean;
  /** The same as the structured content, as JSON; the error, if there is one. */
  readonly text: string;
  readonly structuredContent?: Record<string, unknown>;
  readonly image?: ShownImage;
}

/** Carries out one call: each step is one module, and none reaches back. */
export async function callTool(
  tool: Tool,
  given: unknown,
  runtime: Runtime,
  { signal, onProgress, person, client }: CallContext,
): Promise<CallResult> {
  const startedAt = new Date();
  const started = performance.now();
  let id: string | undefined;
  const requests: RequestRecord[] = [];
  const secrets = new Secrets(plainSecrets(tool.input.shape, given), runtime.secrets);
  const changes: ChangeRecord[] = [];
  let targets: readonly Target[] = [];
  let confirmation: Confirmation | undefined;
  let delivery: SecretDelivery | undefined;

  const elapsed = (): number => Math.round(performance.now() - started);
  const record = async (outcome: Outcome, changed: readonly string[] = []): Promise<boolean> => {
    id ??= randomUUID();
    return runtime.actionLog({
      call: id,
      tool,
      outcome,
      confirmation,
      client: client?.(),
      targets,
      changed,
      changes,
      requests,
      startedAt,
      durationMs: elapsed(),
    });
  };
  const finish = async (outcome: Outcome, changed: readonly string[], error?: unknown): Promise<void> => {
    const durationMs = elapsed();
    if (tool.risk !== "read") await record(outcome, changed);
    const fields = { tool: tool.name, outcome, requests: requests.length, durationMs };
    const expected = error === undefined || outcome === "refused" || outcome === "declined";
    if (expected) runtime.diagnosticLog.info(fields, "call");
    else runtime.diagnosticLog.error({ ...fields, error: safeText(errorForLog(error), secrets) }, "call");
  };

  try {
    const valid = validate(tool, given);
    const refusal = runtime.policy(tool.name, tool.risk === "read");
    if (refusal !== undefined) throw new NotPossibleError(refusal);
    const values = await resolveSecrets(tool.input.shape, valid, runtime.secretSources, secrets);
    tool.check(values);
    const pocketId = runtime.pocketId.within({
      routes: routesOf(tool).all,
      signal,
      began: started,
      seen: tool.risk === "read" ? new Map() : undefined,
      observe: (request) => requests.push(request),
      observeChange: (change) => changes.push(change),
      secrets,
    });
    const resolved = await resolveReferences(pocketId, tool.input.shape, values);
    targets = resolved.targets;
    const context: ToolContext = {
      pocketId,
      onProgress,
      readFile: (argument) => readFileArgument(argument, runtime.folders),
      actionLogFile: runtime.actionLogFile,
    };
    const askAndRun = async (): Promise<Remarks | { asking: Asking }> => {
      const reading: ToolContext = { ...context, pocketId: pocketId.within({ routes: routesOf(tool).reading }) };
      await guard?.(reading);
      const { asking, ...how } = await askFirst(tool, { values, resolved: resolved.values }, reading, runtime, person);
      if (asking !== undefined) return { asking: { ...asking, message: safeText(asking.message, secrets) } };
      confirmation = how.confirmation;
      delivery = await openSecretDelivery(tool, resolved.values, runtime.secretsFolder);
      const begin = async (): Promise<void> => {
        if (!(await record("begun"))) throw new NotPossibleError(unrecorded(runtime.actionLogFile));
      };
      const keeper = { begin: once(begin), keep: delivery.keep };
      const made = await tool.run(resolved.values, { ...context, pocketId: pocketId.within({ keeper }) });
      return delivery.answer(made);
    };
    const guard = tool.guard(resolved.values);
    // Who only reads asks nobody and makes no secret. What a guard has seen must still be so when the tool runs.
    const onlyReads = tool.risk === "read" && guard === undefined;
    const run = onlyReads ? () => tool.run(resolved.values, context) : askAndRun;
    const result = await (guard === undefined ? run() : runtime.oneAtATime(run));
    if ("asking" in result) return result;
    const { image, notes } = showImage(result.picture);
    const { answer, json } = shapeAnswer(tool, { ...result, ...addNotes(result, notes) }, secrets);
    // As the tool says it: a value that looks like a name must not hide a name from the log.
    await finish("ok", changedFieldsOf(result));
    return { isError: false, text: json, structuredContent: answer, ...(image ? { image } : {}) };
  } catch (error) {
    const done = requests.filter(isDone).map(nameOf);
    const unknown = requests.filter(isUnknown).map(nameOf);
    const refused = isRefusal(error) && done.length + unknown.length === 0;
    if (error instanceof NotConfirmedError) confirmation = error.confirmation;
    const declined = confirmation === "declined" || confirmation === "cancelled";
    await finish(signal?.aborted ? "cancelled" : declined ? "declined" : refused ? "refused" : "failed", [], error);
    const text = signal?.aborted ? "The call was cancelled." : errorText(error, done, unknown);
    return { isError: true, text: clip(safeText([delivery?.said(), text].filter(Boolean).join(" "), secrets)) };
  } finally {
    await delivery?.end();
  }
}

/** Has a person asked where the call needs one. @throws {NotConfirmedError} */
async function askFirst(
  tool: Tool,
  call: { readonly values: unknown; readonly resolved: Readonly<Record<string, unknown>> },
  context: ToolContext,
  { confirm, goesUnasked }: Runtime,
  person: () => Promise<Person>,
): Promise<{ confirmation?: Confirmation; asking?: Asking }> {
  if (tool.asks === undefined) return { confirmation: "not needed" };
  if (goesUnasked(tool.name)) return { confirmation: "switched off" };
  const question = await tool.asks.question(call.resolved, context);
  if (question === undefined) return { confirmation: "not needed" };
  const asking = confirm({ tool: tool.name, values: call.values, question }, await person());
  return asking === undefined ? { confirmation: "confirmed" } : { asking };
}

const unrecorded = (file: string): string =>
  `No secret is made while the action log cannot be written: if this server were killed, nothing would tell of it. Make ${file} writable, or have POCKETID_AUDIT_FILE name another.`;

/** The operations that a tool may call, and those among them that change nothing. */
const routesOf = oncePer(
  ({ routes }: Tool): { readonly all: ReadonlySet<Route>; readonly reading: ReadonlySet<Route> } => ({
    all: new Set(routes),
    reading: new Set(routes.filter((route) => route.startsWith("GET "))),
  }),
);

/** Does something when it is first asked for, and not again. */
function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}

/** Says whether a request changed something, as far as its answer tells. */
const isDone = ({ method, status, code }: RequestRecord): boolean =>
  method !== "GET" && status !== null && status < 300 && code !== "not_pocket_id";

/** Says whether a request may have changed something, although its answer does not tell. */
const isUnknown = ({ method, status, code }: RequestRecord): boolean =>
  method !== "GET" && (status === null || status >= 500 || code === "not_pocket_id");

const nameOf = ({ method, path }: RequestRecord): string => `${method} ${path}`;

/** Reads the result with the tool's output schema, which drops what was never meant to be shown, and makes it safe and short enough. */
function shapeAnswer(tool: Tool, result: unknown, secrets: Secrets): { answer: Record<string, unknown>; json: string } {
  const parsed = tierUp(tool.output).parse(result);
  const safe = redactToJson(parsed, secrets, tool.reveals);
  const { answer, json, cuts, fits } = bound(safe.answer, safe.json);
  if (!fits) throw new PocketIdError("The answer is larger than 64 KiB and cannot be cut.", tooLarge);
  const whole = typeof answer === "object" && answer !== null ? { ...answer } : {};
  if (cuts.length === 0) return { answer: whole, json };
  const notes: unknown[] = "notes" in whole && Array.isArray(whole.notes) ? whole.notes : [];
  const rest =
    "page" in tool.input.shape
      ? "Narrow it down, or take it page by page with page and limit."
      : "Ask for less at once.";
  const cut = cuts.map((one) => `${describeCut(one)} ${rest}`);
  const hasMore = "hasMore" in whole ? { hasMore: true } : {};
  const told = { ...whole, ...hasMore, notes: [...notes, ...cut], truncated: true };
  return { answer: told, json: JSON.stringify(told) };
}

const tooLarge = { status: null, code: "answer_too_large", route: "", hint: "Ask for less at once." };

const addNotes = ({ notes = [] }: Remarks, more: readonly string[]): Remarks =>
  more.length === 0 ? {} : { notes: [...notes, ...more] };

const describeCut = ({ path, shown, total }: Cut): string =>
  `${path} was cut to ${shown} of ${total}, because an answer has 64 KiB at most.`;

const changedFieldsOf = (result: object): string[] =>
  "changed" in result && Array.isArray(result.changed) ? result.changed.map(String) : [];
