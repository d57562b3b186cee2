import { createRequestStateCodec, type RequestStateCodec } from "@modelcontextprotocol/server";
import type { Bond } from "./confirm.ts";

/** Signs what an answer belongs to, because it travels through the client and comes back from there. */
export type Bonds = RequestStateCodec<Bond>;

/** How long a person may take over an answer. */
const secondsToAnswer = 600;

/** With a key that this process alone has: an answer to a question of another process is none. */
export const openBonds = (): Bonds =>
  createRequestStateCodec<Bond>({ key: crypto.getRandomValues(new Uint8Array(32)), ttlSeconds: secondsToAnswer });
