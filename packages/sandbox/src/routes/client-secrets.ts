import { secretDto } from "../dto/oidc-client.ts";
import { type Answer, created, noContent, ok } from "../http/answer.ts";
import { bindOptionalJson } from "../http/body.ts";
import { type Call, param } from "../http/call.ts";
import { moment, optionalText } from "../http/fields.ts";
import type { Route } from "../http/router.ts";
import { min, printAscii } from "../http/rules.ts";
import { isPast, precise } from "../moments.ts";
import { alphanumeric, newId } from "../random.ts";
import { notFound, validationMessage } from "../refusals.ts";
import type { ClientSecret, OidcClient } from "../state.ts";
import { clientInPath } from "./oidc-clients.ts";

const ownValue = optionalText("Secret", { rules: [min(16), printAscii] });
const newSecretShape = { secret: ownValue, expiresAt: moment("ExpiresAt") };

export const clientSecretRoutes: Route[] = [
  {
    method: "POST",
    path: "/api/oidc/clients/:id/secret",
    access: "admin",
    until: "2.13",
    // Pocket ID <= 2.11: the body is not even read.
    body: (has) => (has("ownSecretValue") ? { secret: ownValue } : {}),
    answer: replaceSecret,
  },
  {
    method: "GET",
    path: "/api/oidc/clients/:id/secrets",
    access: "admin",
    since: "2.14",
    answer: (call) => ok(clientInPath(call).secrets.map(secretDto)),
  },
  {
    method: "POST",
    path: "/api/oidc/clients/:id/secrets",
    access: "admin",
    since: "2.14",
    body: newSecretShape,
    answer: addSecret,
  },
  {
    method: "DELETE",
    path: "/api/oidc/clients/:id/secrets/:secretId",
    access: "admin",
    since: "2.14",
    answer: deleteSecret,
  },
];

const MOST_SECRETS = 20;

/** Pocket ID <= 2.13: a client has one secret, and making one breaks whoever uses the old one. */
function replaceSecret(call: Call): Answer {
  const { secret } = call.has("ownSecretValue") ? bindOptionalJson(call, { secret: ownValue }) : { secret: "" };
  const client = clientInPath(call);
  if (call.has("noSecretForPublicClients")) refusePublic(client);
  const value = secret || alphanumeric(32);
  client.secrets = [{ id: newId(), prefix: "", value, createdAt: precise(new Date()), expiresAt: null }];
  return ok({ secret: value });
}

/** Adds one; its value is in this answer and never again. */
function addSecret(call: Call): Answer {
  const input = bindOptionalJson(call, newSecretShape);
  if (input.expiresAt !== null && isPast(input.expiresAt.sent)) {
    throw validationMessage("The expiration date of a client secret must be in the future");
  }
  const client = clientInPath(call);
  refusePublic(client);
  if (client.secrets.length >= MOST_SECRETS)
    throw validationMessage(`A client cannot have more than ${MOST_SECRETS} secrets`);
  const value = input.secret || alphanumeric(32);
  const secret: ClientSecret = {
    id: newId(),
    prefix: value.slice(0, 4),
    value,
    createdAt: precise(new Date()),
    expiresAt: input.expiresAt?.sent ?? null,
  };
  client.secrets = [...client.secrets, secret];
  return created({ ...secretDto(secret), secret: value });
}

function deleteSecret(call: Call): Answer {
  const client = clientInPath(call);
  const left = client.secrets.filter(({ id }) => id !== param(call, "secretId"));
  if (left.length === client.secrets.length) throw notFound("Client secret");
  client.secrets = left;
  return noContent();
}

function refusePublic(client: OidcClient): void {
  if (client.isPublic) throw validationMessage("Cannot create a secret for a public client");
}
