import { afterAll, describe } from "vitest";
import { everyField } from "./every-field.ts";
import { openInstance } from "./instance.ts";
import { startServers } from "./servers.ts";

const pocketId = await openInstance(process.env);
const servers = await startServers({ POCKETID_URL: pocketId.url, POCKETID_API_KEY: pocketId.apiKey });

afterAll(async () => {
  await servers.close();
  await pocketId.restore();
});

describe(`Pocket ID ${pocketId.version}`, () => everyField({ ...servers, pocketId }));
