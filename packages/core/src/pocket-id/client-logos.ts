import { type ColorMode, inMode, uncached } from "./color-mode.ts";
import type { Connection, Image } from "./connection.ts";
import { InputError, NotPossibleError } from "./errors.ts";
import { type ImageFile, type ImageKind, imageFile } from "./image-file.ts";
import { OidcClient } from "./objects/oidc-client.ts";
import type { Reference } from "./reference.ts";

/** Which logos a client has. */
export interface HeldLogos {
  readonly hasLogo: boolean;
  readonly hasDarkLogo: boolean;
}

/** What people see of a client in one mode. */
export interface ShownLogo extends HeldLogos {
  /** The logo that is shown: in dark mode the light one, where there is no other. Undefined if there is none. */
  readonly shows: ColorMode | undefined;
  readonly image: Image | undefined;
}

/** The logos of clients: one for light and one for dark mode. */
export interface ClientLogos {
  /** Which logos a client has. */
  logos(client: Reference): Promise<HeldLogos>;
  /** `GET /api/oidc/clients/:id/logo`. */
  logo(client: Reference, mode?: ColorMode): Promise<ShownLogo>;
  /** `POST /api/oidc/clients/:id/logo`, in the place of the one there is. @throws {InputError} if it is no image that Pocket ID takes */
  setLogo(client: Reference, bytes: Uint8Array, mode?: ColorMode): Promise<ImageKind>;
  /** `DELETE /api/oidc/clients/:id/logo`. @throws {NotPossibleError} if there is none for this mode */
  deleteLogo(client: Reference, mode?: ColorMode): Promise<void>;
}

/** Bytes that a logo may have: Pocket ID takes a request of 2 MiB, and the file comes in a form. */
const maximumLogo = 2 * 1024 * 1024 - 2 * 1024;

/**
 * @param find the id of the client that is named
 */
export function clientLogosOf(connection: Connection, find: (client: Reference) => Promise<string>): ClientLogos {
  const read = (id: string) => connection.json("GET /api/oidc/clients/:id", OidcClient, { params: { id } });

  return {
    logos: async (client) => heldBy(await read(await find(client))),

    async logo(client, mode = "light") {
      const id = await find(client);
      const held = heldBy(await read(id));
      const shows = shownIn(mode, held);
      // Pocket ID < 2.13: asking for a logo that is not there is a server error.
      if (shows === undefined) return { ...held, shows, image: undefined };
      const query = { ...inMode(shows), ...uncached };
      return {
        ...held,
        shows,
        image: await connection.image("GET /api/oidc/clients/:id/logo", { params: { id }, query }),
      };
    },

    async setLogo(client, bytes, mode = "light") {
      const { kind, ...file } = logoFile(bytes);
      await connection.request("POST /api/oidc/clients/:id/logo", {
        params: { id: await find(client) },
        query: inMode(mode),
        file,
      });
      return kind;
    },

    async deleteLogo(client, mode = "light") {
      const id = await find(client);
      const { name, ...held } = await read(id);
      const { hasLogo, hasDarkLogo } = heldBy(held);
      // Pocket ID < 2.13: deleting a logo that is not there is a server error.
      if (!(mode === "light" ? hasLogo : hasDarkLogo))
        throw new NotPossibleError(`${name} has no logo of its own for ${mode} mode.`);
      await connection.request("DELETE /api/oidc/clients/:id/logo", { params: { id }, query: inMode(mode) });
    },
  };
}

const heldBy = ({ hasLogo = false, hasDarkLogo = false }: Pick<OidcClient, "hasLogo" | "hasDarkLogo">): HeldLogos => ({
  hasLogo,
  hasDarkLogo,
});

/** Pocket ID shows the light logo in dark mode where it is the only one, and never the dark one in light mode. */
function shownIn(mode: ColorMode, { hasLogo, hasDarkLogo }: HeldLogos): ColorMode | undefined {
  if (mode === "dark" && hasDarkLogo) return "dark";
  return hasLogo ? "light" : undefined;
}

function logoFile(bytes: Uint8Array): ImageFile {
  const file = imageFile(bytes);
  if (bytes.length > maximumLogo) {
    throw new InputError(
      "file",
      `it has ${Math.ceil(bytes.length / 1024)} KiB; ${maximumLogo / 1024} KiB are the most for the logo of a client. Make it smaller.`,
    );
  }
  return file;
}
