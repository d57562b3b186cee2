import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Json } from "./instance.ts";

/** An application that accounts are provisioned to: as much of SCIM as Pocket ID speaks. */
export interface ScimEndpoint {
  readonly url: string;
  readonly users: Map<string, Json>;
  readonly groups: Map<string, Json>;
  /** The `Authorization` headers that came. */
  readonly authorizations: Set<string>;
  close(): Promise<void>;
}

export async function startScimEndpoint(): Promise<ScimEndpoint> {
  const users = new Map<string, Json>();
  const groups = new Map<string, Json>();
  const authorizations = new Set<string>();
  const server = createServer(async (request, response) => {
    authorizations.add(request.headers.authorization ?? "none");
    const [, , kind, id] = (request.url ?? "").split("?")[0]?.split("/") ?? [];
    const held = kind === "Users" ? users : groups;
    const answer = (status: number, body?: unknown) => {
      response.writeHead(status, { "content-type": "application/scim+json" });
      response.end(body === undefined ? undefined : JSON.stringify(body));
    };
    const store = (key: string, body: Json) => {
      const now = new Date().toISOString();
      const resource = { ...body, id: key, meta: { ...body.meta, created: now, lastModified: now } };
      held.set(key, resource);
      return resource;
    };
    switch (request.method) {
      case "GET": {
        const Resources = [...held.values()];
        answer(200, { Resources, totalResults: Resources.length, startIndex: 1, itemsPerPage: Resources.length });
        break;
      }
      case "POST":
        answer(201, store(randomUUID(), await bodyOf(request)));
        break;
      case "PUT":
        answer(200, store(id ?? "", await bodyOf(request)));
        break;
      case "DELETE":
        answer(held.delete(id ?? "") ? 204 : 404);
        break;
      default:
        answer(405);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/scim`,
    users,
    groups,
    authorizations,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Json> {
  let text = "";
  for await (const chunk of request) text += chunk;
  return JSON.parse(text);
}
