import { checkPasskeys, lockOutRoutes, Passkey } from "@pocketid-mcp/core";
import { checkSome, counted, defineTool, oneByOne, quoted, quotedSome, userRef } from "@pocketid-mcp/core/runtime";
import * as z from "zod";

const UserName = z.object({ id: z.string(), username: z.string() });

export const userPasskeyList = defineTool({
  name: "user_passkey_list",
  title: "List passkeys of a user",
  description: "Passkeys of an account.",
  risk: "read",
  input: { user: userRef },
  output: { user: UserName, passkeys: z.array(Passkey) },
  routes: ["GET /api/users/:id/webauthn-credentials", "GET /api/webauthn/credentials", "GET /api/users/me"],
  async run({ user }, { pocketId }) {
    const passkeys = await (await pocketId.passkeys.of(user)).list();
    const none = passkeys.length === 0 ? { notes: [`There is none: ${accessLink(user)}`] } : {};
    return { user, passkeys, ...none };
  },
});

export const userPasskeyDelete = defineTool({
  name: "user_passkey_delete",
  title: "Delete passkeys of a user",
  description: "Delete lost or stolen passkeys. Without any, the person needs an access link.",
  risk: "danger",
  asks: {
    when: "always",
    async question({ user, passkeys }, { pocketId }) {
      const theirs = await pocketId.passkeys.of(user);
      const gone = await theirs.find(passkeys);
      const left = (await theirs.list()).length - gone.length;
      const owner = quoted(user.username);
      const asking = left === 0 && (await pocketId.oneTimeAccess.canAskByEmail(user));
      const after =
        left > 0
          ? `${counted(left, "passkey is", "passkeys are")} left.`
          : `None is left: ${owner} can come in with a link only, which ${asking ? "can be asked for by mail" : "an administrator has to make"}.`;
      return {
        text: `Delete ${counted(gone.length, "passkey")} of ${owner}: ${quotedSome(gone.map(({ name }) => name))}? ${after}`,
        about: {
          user: user.id,
          username: user.username,
          gone: gone.map(({ id, name }) => ({ id, name })),
          left,
          asking,
        },
      };
    },
  },
  input: {
    user: userRef,
    passkeys: z.array(z.string().min(1).max(320)).max(500).describe("Names or ids"),
  },
  output: {
    user: UserName,
    passkeys: z.array(
      z.object({ id: z.string(), name: z.string(), deleted: z.boolean(), error: z.string().optional() }),
    ),
    /** Passkeys that the person still has. */
    left: z.int(),
  },
  routes: [
    "DELETE /api/users/:id/webauthn-credentials/:credentialId",
    "DELETE /api/webauthn/credentials/:id",
    ...lockOutRoutes,
  ],
  check({ passkeys }) {
    checkSome("passkeys", passkeys, "delete");
    checkPasskeys(passkeys);
  },
  guard:
    ({ user, passkeys }) =>
    async ({ pocketId }) =>
      pocketId.lockOut.passkeys(user, await (await pocketId.passkeys.of(user)).find(passkeys)),
  async run({ user, passkeys }, { pocketId }) {
    const theirs = await pocketId.passkeys.of(user);
    const rows = await oneByOne(await theirs.find(passkeys), {
      label: ({ name }) => name,
      result: (deleted) => ({ deleted }),
      async act(passkey) {
        await theirs.delete(passkey);
        return undefined;
      },
    });
    const left = (await theirs.list()).length;
    const gone = left === 0 ? { notes: [`The last passkey is gone: ${accessLink(user)}`] } : {};
    return { user, passkeys: rows, left, ...gone };
  },
});

const accessLink = ({ username }: { username: string }): string =>
  `${username} can only come in with an access link (user_create_one_time_access_token), and add a passkey then.`;
