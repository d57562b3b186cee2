import { afterAll, describe } from "vitest";
import { servers } from "../../scripts/servers.ts";
import { everyField } from "../live/every-field.ts";
import { openInstance } from "../live/instance.ts";
import { connect } from "../support/connect.ts";

// The chapter that runs against a real Pocket ID, too. The sandbox plays 2.14 here, which has every field.
const mcp = await connect(servers.flatMap(({ tools }) => tools));
const { url, apiKey, version } = mcp.sandbox;
const pocketId = await openInstance({ POCKETID_LIVE_URL: url, POCKETID_LIVE_API_KEY: apiKey });

afterAll(() => mcp.close());

describe(`a sandbox of Pocket ID ${version}`, () => everyField({ ok: mcp.ok, pocketId, secrets: new Set() }));
