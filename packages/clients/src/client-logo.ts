import { colorModes } from "@pocketid-mcp/core";
import { checkFileArgument, clientRef, defineTool, fileFields } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const Mode = z.enum(colorModes);
const mode = Mode.optional().describe("Default light");

/** Which logo it is about, and which ones the client has now. */
const output = {
  client: z.object({ id: z.string(), name: z.string() }),
  mode: Mode,
  hasLogo: z.boolean(),
  hasDarkLogo: z.boolean(),
};

export const oidcClientGetLogo = defineTool({
  name: "oidc_client_get_logo",
  title: "Show a client's logo",
  description: "The logo that people see in a mode.",
  risk: "read",
  input: { client: clientRef, mode },
  output: {
    ...output,
    /** Whose logo it is: in dark mode the light one is shown where there is no other. */
    shows: Mode.nullable(),
    mimeType: z.string().nullable(),
    bytes: z.int().nullable(),
  },
  routes: ["GET /api/oidc/clients/:id/logo", "GET /api/oidc/clients/:id"],
  async run({ client, mode = "light" }, { pocketId }) {
    const { shows = null, image, ...has } = await pocketId.oidcClients.logo(client, mode);
    const answer = {
      client,
      mode,
      ...has,
      shows,
      mimeType: image?.mimeType ?? null,
      bytes: image?.bytes.length ?? null,
    };
    if (shows === null) return { ...answer, notes: [`${client.name} has no logo for ${mode} mode.`] };
    const notes = shows === mode ? [] : ["There is no dark logo: in dark mode, too, people see the light one."];
    return { ...answer, picture: image, ...(notes.length > 0 ? { notes } : {}) };
  },
});

export const oidcClientSetLogo = defineTool({
  name: "oidc_client_set_logo",
  title: "Replace a client's logo",
  description: "Give a client a logo, up to 2 MB.",
  risk: "write",
  input: { client: clientRef, mode, ...fileFields },
  output: { ...output, kind: z.string(), bytes: z.int() },
  routes: ["POST /api/oidc/clients/:id/logo", "GET /api/oidc/clients/:id"],
  check: checkFileArgument,
  async run({ client, mode = "light", ...argument }, { pocketId: { oidcClients }, readFile }) {
    const image = await readFile(argument);
    const kind = await oidcClients.setLogo(client, image, mode);
    return { client, mode, kind, bytes: image.length, ...(await oidcClients.logos(client)) };
  },
});

export const oidcClientDeleteLogo = defineTool({
  name: "oidc_client_delete_logo",
  title: "Delete a client's logo",
  description: "Delete one of the two logos of a client.",
  // Nobody gets in or out by it, and replacing a logo takes the old one away just as well: whoever has the image can put it back.
  risk: "write",
  input: { client: clientRef, mode: Mode.describe("Which one") },
  output: { ...output, deleted: z.boolean() },
  routes: ["DELETE /api/oidc/clients/:id/logo", "GET /api/oidc/clients/:id"],
  async run({ client, mode }, { pocketId: { oidcClients } }) {
    await oidcClients.deleteLogo(client, mode);
    return { client, mode, deleted: true, ...(await oidcClients.logos(client)) };
  },
});
