import { lockOutRoutes, Passkey, PasskeyName } from "@pocketid-mcp/core";
import {
  checkSome,
  counted,
  defineTool,
  oneByOne,
  passkeyRef,
  passkeyRefs,
  quoted,
  quotedSome,
} from "@pocketid-mcp/core/runtime";
import * as z from "zod";

export const passkeyList = defineTool({
  name: "passkey_list",
  title: "List own passkeys",
  description: "Passkeys of the API key's owner.",
  risk: "read",
  input: {},
  output: { passkeys: z.array(Passkey) },
  routes: ["GET /api/webauthn/credentials"],
  run: async (_values, { pocketId }) => ({ passkeys: await pocketId.passkeys.own.list() }),
});

export const passkeyRename = defineTool({
  name: "passkey_rename",
  title: "Rename an own passkey",
  description: "Rename a passkey of the API key's owner.",
  risk: "write",
  input: { passkey: passkeyRef, name: PasskeyName },
  output: { passkey: Passkey, changed: z.array(z.string()) },
  routes: ["PATCH /api/webauthn/credentials/:id"],
  run: ({ passkey, name }, { pocketId }) => pocketId.passkeys.rename(passkey, name),
});

export const passkeyDelete = defineTool({
  name: "passkey_delete",
  title: "Delete own passkeys",
  description: "Delete passkeys of the API key's owner. Without any, only an access link signs in.",
  risk: "danger",
  asks: {
    when: "always",
    async question({ passkeys }, { pocketId }) {
      const owner = await pocketId.users.me();
      const left = (await pocketId.passkeys.own.list()).length - passkeys.length;
      const after =
        left > 0
          ? `${counted(left, "passkey is", "passkeys are")} left.`
          : "None is left: only a link that another administrator makes signs in.";
      return {
        text: `Delete ${counted(passkeys.length, "passkey")} of ${quoted(owner.username)}: ${quotedSome(passkeys.map(({ name }) => name))}? ${after}`,
        about: { user: owner.id, passkeys: passkeys.map(({ id, name }) => ({ id, name })), left },
      };
    },
  },
  input: { passkeys: passkeyRefs },
  output: {
    passkeys: z.array(
      z.object({ id: z.string(), name: z.string(), deleted: z.boolean(), error: z.string().optional() }),
    ),
    /** Passkeys that the owner still has. */
    left: z.int(),
  },
  routes: ["DELETE /api/webauthn/credentials/:id", ...lockOutRoutes],
  check: ({ passkeys }) => checkSome("passkeys", passkeys, "delete"),
  guard:
    ({ passkeys }) =>
    async ({ pocketId }) =>
      pocketId.lockOut.passkeys(await pocketId.users.me(), passkeys),
  async run({ passkeys }, { pocketId }) {
    const { own } = pocketId.passkeys;
    const rows = await oneByOne(passkeys, {
      label: ({ name }) => name,
      result: (deleted) => ({ deleted }),
      async act(passkey) {
        await own.delete(passkey);
        return undefined;
      },
    });
    const left = (await own.list()).length;
    const gone =
      left === 0
        ? {
            notes: [
              "The last passkey is gone: the owner can only sign in with an access link " +
                "(user_create_one_time_access_token of the users server), and add a passkey then.",
            ],
          }
        : {};
    return { passkeys: rows, left, ...gone };
  },
});
