import * as z from "zod";
import type { Connection } from "./connection.ts";
import { notAsExpected, PocketIdError } from "./errors.ts";

const Document = z.record(z.string(), z.unknown());
const LatestVersion = z.object({ latestVersion: z.string() });

/** The instance itself. */
export interface Instance {
  /** `GET /healthz`: answers while the server runs. @throws {PocketIdError} */
  ping(): Promise<void>;
  /** `GET /.well-known/openid-configuration`. */
  discovery(): Promise<Record<string, unknown>>;
  /** `GET /.well-known/jwks.json`: the public keys that tokens are signed with. */
  jwks(): Promise<Record<string, unknown>>;
  /** `GET /api/version/latest`: the newest release, as far as Pocket ID knows; undefined if it could not ask. */
  latestVersion(): Promise<string | undefined>;
  /**
   * `GET /api/signup/setup`: whether it has its first administrator. Until then, whoever comes first becomes that. Pocket ID >= 2.6.
   * Asked as nobody, because an instance that is not set up has no API keys.
   */
  isSetUp(): Promise<boolean>;
  /** Where people open Pocket ID: its issuer. */
  publicUrl(): Promise<string>;
}

export function instanceOf(connection: Connection): Instance {
  const discovery = () => connection.json("GET /.well-known/openid-configuration", Document, { as: "nobody" });
  return {
    async ping() {
      await connection.request("GET /healthz", { as: "nobody" });
    },
    discovery,
    jwks: () => connection.json("GET /.well-known/jwks.json", Document, { as: "nobody" }),
    async latestVersion() {
      try {
        const { latestVersion } = await connection.json("GET /api/version/latest", LatestVersion, { as: "nobody" });
        return latestVersion.replace(/^v/, "") || undefined;
      } catch (error) {
        // Pocket ID asks GitHub; without a way out it answers 500, which is no fault of the instance.
        if (error instanceof PocketIdError && error.status === 500) return undefined;
        throw error;
      }
    },
    async isSetUp() {
      try {
        const { status } = await connection.request("GET /api/signup/setup", { as: "nobody" });
        // Any other answer is that of something else: it would be taken for an instance that anyone can claim.
        if (status !== 204) throw notAsExpected("GET /api/signup/setup");
        return false;
      } catch (error) {
        if (error instanceof PocketIdError && error.code === "setup_not_available") return true;
        throw error;
      }
    },
    async publicUrl() {
      const { issuer } = await discovery();
      return typeof issuer === "string" && URL.canParse(issuer) ? issuer.replace(/\/$/, "") : connection.origin;
    },
  };
}
