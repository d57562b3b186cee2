import type { IncomingHttpHeaders } from "node:http";
import type { SandboxState, User } from "../state.ts";
import type { Has } from "../versions.ts";
import type { Route } from "./router.ts";

/** The Pocket ID that is being played. */
export interface Instance {
  readonly state: SandboxState;
  readonly version: string;
  readonly has: Has;
  /** APP_URL: issuer of tokens and of the discovery document. */
  readonly issuer: string;
  readonly staticApiKey: string | null;
  readonly uiConfigDisabled: boolean;
  readonly versionCheckDisabled: boolean;
  readonly latestVersion: string | null;
}

/** One request on its way through the sandbox. */
export interface Call extends Instance {
  readonly route: Route;
  readonly method: string;
  /** Decoded, as Go's router sees it. */
  readonly path: string;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly ipAddress: string;
  readonly userAgent: string;
  /** Who signed in, on routes that ask for it. */
  readonly caller: User | undefined;
  /** "otp" for a session from a one-time token, "" for an API key. */
  readonly authenticationMethod: string;
}

export function param(call: Call, name: string): string {
  return call.params[name] ?? "";
}

export function signedIn(call: Call): User {
  if (call.caller === undefined) throw new Error("a route without sign-in asked for the caller");
  return call.caller;
}
