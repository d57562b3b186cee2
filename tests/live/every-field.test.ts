import { afterAll, describe } from "vitest";
import { addPasskey } from "./authenticator.ts";
import { everyField } from "./every-field.ts";
import { openInstance } from "./instance.ts";
import { startServers } from "./servers.ts";

const pocketId = await openInstance(process.env);
// As an administrator has one: without any, what comes by mail would be the only way in, and guarded.
const passkey = await addPasskey(pocketId, await pocketId.signIn(pocketId.owner.id));
const servers = await startServers({ POCKETID_URL: pocketId.url, POCKETID_API_KEY: pocketId.apiKey });

afterAll(async () => {
  await servers.close();
  await pocketId.send("DELETE", `/api/webauthn/credentials/${passkey.id}`);
  await pocketId.restore();
});

describe(`Pocket ID ${pocketId.version}`, () => everyField({ ...servers, pocketId }));
