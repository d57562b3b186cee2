import { defineTool } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const Document = z.record(z.string(), z.unknown());

export const oidcDiscovery = defineTool({
  name: "oidc_discovery",
  title: "Show the discovery document",
  description: "Issuer and endpoints for applications.",
  risk: "read",
  input: {},
  output: { discovery: Document },
  routes: ["GET /.well-known/openid-configuration"],
  run: async (_values, { pocketId }) => ({ discovery: await pocketId.instance.discovery() }),
});

export const oidcJwks = defineTool({
  name: "oidc_jwks",
  title: "Show the signing keys",
  description: "Public keys that tokens are signed with.",
  risk: "read",
  input: {},
  output: { jwks: Document },
  routes: ["GET /.well-known/jwks.json"],
  run: async (_values, { pocketId }) => ({ jwks: await pocketId.instance.jwks() }),
});
