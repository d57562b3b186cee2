import { rawConfiguration } from "./application-configuration.ts";
import { fromText } from "./configuration-values.ts";
import type { Connection } from "./connection.ts";
import { parseTokenLifetime } from "./duration.ts";
import { signupTokenFinder, userGroupFinder } from "./finders.ts";
import { instanceOf } from "./instance.ts";
import type { List } from "./list.ts";
import { signupTokenList, userGroupList } from "./lists.ts";
import { SignupToken } from "./objects/signup-token.ts";
import type { UserGroupReference } from "./objects/user-group.ts";
import { collect, findAll, idOf, type Reference } from "./reference.ts";
import { requireFeature } from "./requirements.ts";
import { makeSecret } from "./shown-once.ts";

export interface NewSignupToken {
  /** Such as `7d`; a day if left out, at most 31. */
  ttl?: string | undefined;
  /** How many people can sign up with it, 1 to 100; one if left out. */
  usageLimit?: number | undefined;
  /** Groups that they are in from the start. Pocket ID >= 2.0. */
  groups?: readonly Reference<UserGroupReference>[] | undefined;
}

/** Tokens with which people sign up themselves. Answers hold them in clear text. */
export interface SignupTokens extends List<SignupToken> {
  /** `POST /api/signup-tokens`. Never repeated. */
  create(token?: NewSignupToken): Promise<{ signupToken: SignupToken; link: string }>;
  /** `DELETE /api/signup-tokens/:id`. */
  delete(signupToken: Reference): Promise<void>;
  /** The groups that people who sign up are put into where their token names none: those of `signupDefaultUserGroupIDs` that are still there. */
  defaultGroups(): Promise<UserGroupReference[]>;
}

/** Lifetime of a token where none is given. */
export const defaultSignupLifetime = "1d";

export function signupTokensOf(connection: Connection): SignupTokens {
  const { list, all } = signupTokenList(connection);
  return {
    list,
    all,

    async create({ ttl: lifetime = defaultSignupLifetime, usageLimit = 1, groups } = {}) {
      const { ttl } = parseTokenLifetime(lifetime);
      if (groups?.length) await requireFeature(connection, "signupToken.userGroupIds", "groups");
      const found = await findAll(userGroupFinder(connection), groups ?? [], "groups");
      const publicUrl = await instanceOf(connection).publicUrl();
      const body = { ttl, usageLimit, ...(found.length > 0 ? { userGroupIds: found.map(({ id }) => id) } : {}) };
      return makeSecret(connection, {
        async send(steady) {
          const signupToken = await steady.json("POST /api/signup-tokens", SignupToken, { body });
          return { signupToken, link: `${publicUrl}/st/${signupToken.token}` };
        },
        shown: ({ signupToken: { id }, link }) => ({
          what: "signup link",
          of: id,
          value: link,
          takeBack: (steady) => steady.request("DELETE /api/signup-tokens/:id", { params: { id } }),
          lost: `It could not be deleted again, and nobody knows it: delete it with signup_token_delete, signupTokens ["${id}"].`,
        }),
        unsure: "If it was made, nobody knows it: look with signup_token_list, and delete it with signup_token_delete.",
      });
    },

    async defaultGroups() {
      const { signupDefaultUserGroupIDs = "" } = await rawConfiguration(connection);
      const ids = fromText("signupDefaultUserGroupIDs", signupDefaultUserGroupIDs);
      if (!Array.isArray(ids) || ids.length === 0) return [];
      return (await collect(userGroupList(connection).all())).filter(({ id }) => ids.includes(id));
    },

    async delete(signupToken) {
      await connection.request("DELETE /api/signup-tokens/:id", {
        params: { id: await idOf(signupTokenFinder, connection, signupToken, "signupToken") },
      });
    },
  };
}
