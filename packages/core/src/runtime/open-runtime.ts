import { delimiter, join, parse, resolve } from "node:path";
import { PocketIdClient } from "../pocket-id/client.ts";
import { Secrets } from "../pocket-id/secrets.ts";
import type { LoadedSettings } from "../settings/load.ts";
import { actionLogFile, homeFolder, stateDirectory } from "../settings/state-directory.ts";
import { openActionLog } from "./action-log.ts";
import type { Runtime } from "./call.ts";
import { confirmOn } from "./confirm.ts";
import { openDiagnosticLog } from "./diagnostic-log.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { globToPattern, type Policy } from "./policy.ts";
import { safeText } from "./redact.ts";

/** Where files are read from unless the operator says: not from everywhere, where a client starts its servers in no folder of their own. */
const standardFolders = (cwd: string): string[] => (cwd === parse(cwd).root || cwd === homeFolder() ? [] : [cwd]);

/** Puts together what the calls of a server share. Nothing is sent, opened or written before the first call needs it. */
export function openRuntime(
  { settings, secretVariables }: LoadedSettings,
  policy: Policy,
  cwd: string,
  tell: (message: string) => void,
  server: string,
): Runtime {
  const secrets = new Secrets([settings.apiKey]);
  const warn = (message: string): void => tell(safeText(message, secrets));
  const secretsFolder = resolve(cwd, settings.secretsDir ?? join(stateDirectory(), "secrets"));
  const file = actionLogFile(settings.auditFile);
  return {
    pocketId: new PocketIdClient({
      url: settings.url,
      apiKey: settings.apiKey,
      timeoutMs: settings.timeout * 1_000,
      caFile: settings.caFile,
      skipTlsVerify: settings.skipTlsVerify,
      allowHttp: settings.allowHttp,
      allowUnknownVersion: settings.allowUnknownVersion,
      warn,
    }),
    policy,
    confirm: confirmOn(settings.url),
    goesUnasked: (tool) => settings.confirm.some((glob) => globToPattern(glob).test(tool)),
    secrets,
    folders: settings.filesDir?.split(delimiter).filter(Boolean) ?? standardFolders(cwd),
    secretSources: { folder: secretsFolder, variables: secretVariables, apiKey: settings.apiKey },
    secretsFolder: settings.secrets === "reveal" ? undefined : secretsFolder,
    oneAtATime: oneAtATime(stateDirectory(), new URL(settings.url).origin, warn),
    actionLog: openActionLog(
      file,
      {
        maxBytes: settings.auditMaxMb * 1_000_000,
        secrets: [settings.apiKey],
        instance: new URL(settings.url).origin,
        server,
      },
      warn,
    ),
    actionLogFile: file,
    diagnosticLog: openDiagnosticLog(settings, settings.logDir ?? stateDirectory(), warn),
  };
}
