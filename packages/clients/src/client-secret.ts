import { checkClientSecret, parseExpiry } from "@pocketid-mcp/core";
import { clientRef, defineTool } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

export const oidcClientCreateSecret = defineTool({
  name: "oidc_client_create_secret",
  title: "Create a client secret",
  description:
    "A new secret, shown once. Before 2.14 it replaces the old one, which stops the application until it has the new one.",
  risk: "danger",
  input: {
    client: clientRef,
    secret: z.string().optional().describe("Of your own, 16+ characters"),
    expiresAt: z.string().optional().describe("RFC 3339"),
    expiresIn: z.string().optional().describe("Or like 90d"),
  },
  output: {
    client: z.object({ id: z.string(), name: z.string() }),
    secret: z.string(),
    /** Whether the old secret stopped to work. */
    replaced: z.boolean(),
    id: z.string().optional(),
    expiresAt: z.string().nullable().optional(),
  },
  routes: ["POST /api/oidc/clients/:id/secrets", "POST /api/oidc/clients/:id/secret", "GET /api/oidc/clients/:id"],
  reveals: ["secret"],
  check(values) {
    checkClientSecret(values);
    expiryOf(values);
  },
  async run({ client, secret, ...expiry }, { pocketId }) {
    const made = await pocketId.oidcClients.createSecret(client, { secret, expiresAt: expiryOf(expiry) });
    const notes = made.replaced
      ? ["The old secret stopped working: give the new one to the application now."]
      : [
          "Older secrets of this client still work. Delete them in Pocket ID's web interface when nothing uses them any more.",
        ];
    return { client, ...made, notes };
  },
});

const expiryOf = ({
  expiresAt,
  expiresIn,
}: {
  expiresAt?: string | undefined;
  expiresIn?: string | undefined;
}): Date | undefined =>
  expiresAt === undefined && expiresIn === undefined ? undefined : parseExpiry({ expiresAt, expiresIn });
