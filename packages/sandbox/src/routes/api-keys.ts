import { type Answer, json, noContent } from "../http/answer.ts";
import { sha256 } from "../http/authentication.ts";
import { bindJson } from "../http/body.ts";
import { type Call, param, signedIn } from "../http/call.ts";
import { between, moment, nullableText, text } from "../http/fields.ts";
import { listAnswer } from "../http/list.ts";
import type { Route } from "../http/router.ts";
import { isPast, precise, stored } from "../moments.ts";
import { alphanumeric, newId } from "../random.ts";
import { apiKeyNotExpired, apiKeyNotFound, invalidApiKeyExpiration } from "../refusals.ts";
import type { ApiKey } from "../state.ts";

/** All of these act on the caller's own keys. */
const expiresAt = moment("ExpiresAt", { required: true });
const newKeyShape = {
  name: text("Name", { required: true, rules: between(3, 50), nfc: true }),
  description: nullableText("Description", { nfc: true }),
  expiresAt,
};

export const apiKeyRoutes: Route[] = [
  { method: "GET", path: "/api/api-keys", access: "user", answer: listKeys },
  {
    method: "POST",
    path: "/api/api-keys",
    // Pocket ID <= 2.2: a key could make keys.
    access: (has) => (has("keysRefusedForKeys") ? "session" : "user"),
    body: newKeyShape,
    answer: createKey,
  },
  {
    method: "POST",
    path: "/api/api-keys/:id/renew",
    since: "2.2",
    access: (has) => (has("keysRefusedForKeys") ? "session" : "user"),
    body: { expiresAt },
    answer: renewKey,
  },
  { method: "DELETE", path: "/api/api-keys/:id", access: "user", answer: deleteKey },
];

const keyDto = (key: ApiKey) => ({
  id: key.id,
  name: key.name,
  description: key.description,
  expiresAt: key.expiresAt,
  lastUsedAt: key.lastUsedAt,
  createdAt: key.createdAt,
  expirationEmailSent: key.expirationEmailSent,
});

const ownKeys = (call: Call): ApiKey[] =>
  [...call.state.apiKeys.values()].filter(({ userId }) => userId === signedIn(call).id);

const ownKey = (call: Call): ApiKey | undefined => ownKeys(call).find(({ id }) => id === param(call, "id"));

function listKeys(call: Call): Answer {
  return listAnswer(
    call,
    ownKeys(call),
    {
      sort: {
        createdAt: (key) => key.createdAt,
        name: (key) => key.name,
        expiresAt: (key) => key.expiresAt,
        lastUsedAt: (key) => key.lastUsedAt,
      },
    },
    keyDto,
  );
}

function createKey(call: Call): Answer {
  const input = bindJson(call, newKeyShape);
  const expiry = future(input.expiresAt);
  const moment = new Date();
  const token = alphanumeric(32);
  const key: ApiKey = {
    id: newId(),
    createdAt: stored(moment),
    userId: signedIn(call).id,
    name: input.name,
    description: input.description,
    key: sha256(token),
    expiresAt: stored(expiry.at),
    lastUsedAt: null,
    expirationEmailSent: false,
  };
  call.state.apiKeys.set(key.id, key);
  return json(201, { apiKey: { ...keyDto(key), createdAt: precise(moment), expiresAt: expiry.sent }, token });
}

/** Only for a key that has expired already. The old key stays dead; the new one has another value. */
function renewKey(call: Call): Answer {
  const expiry = future(bindJson(call, { expiresAt }).expiresAt);
  const key = ownKey(call);
  if (key === undefined) throw apiKeyNotFound();
  if (!isPast(key.expiresAt)) throw apiKeyNotExpired();
  const token = alphanumeric(32);
  key.key = sha256(token);
  key.expiresAt = stored(expiry.at);
  return json(200, { apiKey: { ...keyDto(key), expiresAt: expiry.sent }, token });
}

/** Also the key that makes the call. Pocket ID <= 2.12 says 204 to a key that is not there. */
function deleteKey(call: Call): Answer {
  const key = ownKey(call);
  if (key === undefined && call.has("missingRecordsReported")) throw apiKeyNotFound();
  if (key !== undefined) call.state.apiKeys.delete(key.id);
  return noContent();
}

function future(expiry: { sent: string; at: Date } | null): { sent: string; at: Date } {
  if (expiry === null || isPast(expiry.sent)) throw invalidApiKeyExpiration();
  return expiry;
}
