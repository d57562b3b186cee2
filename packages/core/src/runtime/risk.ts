import type { Route } from "../pocket-id/versions.ts";

/**
 * What a tool can do to an instance.
 * `read` changes nothing. `write` changes something that can be changed back. `danger` deletes, locks people out, widens access, mints
 * credentials, or acts on other systems.
 */
export type Risk = "read" | "write" | "danger";

/** The four hints of MCP; always all of them, because a client assumes the worst of a missing one. */
export interface Annotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

/**
 * Derives the hints from what a tool declares.
 * @param openWorld true if it reaches other systems than this Pocket ID, such as a mail server
 */
export function annotationsOf(risk: Risk, routes: readonly Route[], openWorld: boolean): Annotations {
  return {
    readOnlyHint: risk === "read",
    destructiveHint: risk === "danger",
    // A PUT replaces the whole object and a second DELETE finds nothing; each POST makes something new.
    idempotentHint: routes.every((route) => !route.startsWith("POST ")),
    openWorldHint: openWorld,
  };
}
