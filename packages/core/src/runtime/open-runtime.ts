import { delimiter, join } from "node:path";
import { PocketIdClient } from "../pocket-id/client.ts";
import type { LoadedSettings } from "../settings/load.ts";
import { stateDirectory } from "../settings/state-directory.ts";
import { openActionLog } from "./action-log.ts";
import type { Runtime } from "./call.ts";
import { openDiagnosticLog } from "./diagnostic-log.ts";
import type { Policy } from "./policy.ts";

/** Puts together what the calls of a server share. Nothing is sent, opened or written before the first call needs it. */
export function openRuntime(
  { settings }: LoadedSettings,
  policy: Policy,
  cwd: string,
  warn: (message: string) => void,
): Runtime {
  return {
    pocketId: new PocketIdClient({
      url: settings.url,
      apiKey: settings.apiKey,
      timeoutMs: settings.timeout * 1_000,
      caFile: settings.caFile,
      skipTlsVerify: settings.skipTlsVerify,
      allowHttp: settings.allowHttp,
    }),
    policy,
    secrets: [settings.apiKey],
    folders: settings.filesDir?.split(delimiter).filter(Boolean) ?? [cwd],
    actionLog: openActionLog(settings.auditFile ?? join(stateDirectory(), "audit.log"), warn),
    diagnosticLog: openDiagnosticLog(settings, settings.logDir ?? stateDirectory(), warn),
  };
}
