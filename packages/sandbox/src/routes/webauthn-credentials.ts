import { logEvent } from "../audit-log.ts";
import { type Answer, noContent, ok } from "../http/answer.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param, signedIn } from "../http/call.ts";
import { between, text } from "../http/fields.ts";
import type { Route } from "../http/router.ts";
import { notFound } from "../refusals.ts";
import { endSession } from "../session.ts";
import type { User, WebauthnCredential } from "../state.ts";
import { userInPath } from "./users.ts";

const nameShape = { name: text("Name", { required: true, rules: between(1, 50) }) };

export const webauthnCredentialRoutes: Route[] = [
  {
    method: "GET",
    path: "/api/webauthn/credentials",
    access: "user",
    answer: (call) => listPasskeys(call, signedIn(call)),
  },
  { method: "PATCH", path: "/api/webauthn/credentials/:id", access: "user", body: nameShape, answer: renamePasskey },
  {
    method: "DELETE",
    path: "/api/webauthn/credentials/:id",
    access: "user",
    answer: (call) => deletePasskey(call, signedIn(call).id, param(call, "id")),
  },
  {
    method: "GET",
    path: "/api/users/:id/webauthn-credentials",
    access: "admin",
    since: "2.6",
    answer: (call) => listPasskeys(call, userInPath(call)),
  },
  {
    method: "DELETE",
    path: "/api/users/:id/webauthn-credentials/:credentialId",
    access: "admin",
    since: "2.6",
    answer: (call) => deletePasskey(call, param(call, "id"), param(call, "credentialId")),
  },
  { method: "POST", path: "/api/webauthn/logout", access: "user", answer: (call) => noContent(endSession(call)) },
];

const passkeyDto = (passkey: WebauthnCredential) => ({
  id: passkey.id,
  name: passkey.name,
  // Raw bytes in a text: whatever is not UTF-8 is lost, so this identifies nothing.
  credentialID: passkey.credentialId.toString("utf8"),
  attestationType: passkey.attestationType,
  transport: passkey.transport,
  backupEligible: passkey.backupEligible,
  backupState: passkey.backupState,
  createdAt: passkey.createdAt,
});

function listPasskeys(call: Call, user: User): Answer {
  return ok([...call.state.webauthnCredentials.values()].filter(({ userId }) => userId === user.id).map(passkeyDto));
}

function renamePasskey(call: Call): Answer {
  const { name } = bindJson(call, nameShape);
  const passkey = passkeyOf(call, signedIn(call).id, param(call, "id"));
  if (passkey === undefined) throw notFound("Passkey");
  passkey.name = name;
  return ok(passkeyDto(passkey));
}

/** Also the last one: nothing stops a user from being locked out. */
function deletePasskey(call: Call, ownerId: string, id: string): Answer {
  const passkey = passkeyOf(call, ownerId, id);
  if (passkey === undefined && call.has("missingPasskeyReported")) throw notFound("Passkey");
  const actor = signedIn(call);
  if (passkey !== undefined) call.state.webauthnCredentials.delete(passkey.id);
  // Pocket ID <= 2.5 writes this down even if there was no such passkey.
  logEvent(call, "PASSKEY_REMOVED", ownerId, {
    credentialID: passkey?.credentialId.toString("hex") ?? "",
    passkeyName: passkey?.name ?? "",
    ...(actor.id !== ownerId && { actorUserID: actor.id, actorUsername: actor.username }),
  });
  return noContent();
}

function passkeyOf({ state }: Call, ownerId: string, id: string): WebauthnCredential | undefined {
  const passkey = state.webauthnCredentials.get(id);
  return passkey?.userId === ownerId ? passkey : undefined;
}
