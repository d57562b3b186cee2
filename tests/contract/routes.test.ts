import { beforeAll, expect, it } from "vitest";
import { contract } from "./pocket-id.ts";
import { type Availability, asked, exists, isAnswered, routes } from "./routes.ts";

contract("its routes", (pocketId) => {
  const life = ({ since, until }: Availability): string =>
    `${since ? ` since ${since}` : ""}${until ? ` until before ${until}` : ""}`;

  let users: { readonly key: string };
  beforeAll(async () => {
    users = await pocketId.keyOf(await pocketId.user());
  });

  for (const route of routes) {
    const [method, path] = asked(route.route);

    if (!exists(pocketId, route)) {
      it(`${route.route} is not there${life(route)}`, async () => {
        expect(isAnswered(await pocketId.send(method, path))).toBe(false);
      });
      continue;
    }

    it(`${route.route} is there${life(route)}`, async () => {
      const reply = await pocketId.send(method, path, { as: "nobody" });
      expect(isAnswered(reply), `${reply.status} ${reply.bytes}`).toBe(true);
    });

    const access = typeof route.access === "function" ? route.access(pocketId) : route.access;
    if (access === "public") {
      it(`${route.route} asks nobody for a key`, async () => {
        const { status, body } = await pocketId.send(method, path, { as: "nobody" });
        expect([status, body?.error]).not.toEqual([401, "You are not signed in"]);
      });
      continue;
    }

    it(`${route.route} is for ${whoever[access]}`, async () => {
      const nobodys = await pocketId.send(method, path, { as: "nobody" });
      expect(nobodys).toMatchObject({ status: 401, body: { error: "You are not signed in" } });
      const answered = await pocketId.send(method, path, { as: users });
      const refusal = {
        user: undefined,
        admin: "You don't have permission to perform this action",
        session: "API key authentication is not allowed for this endpoint",
      }[access];
      if (refusal === undefined) expect([answered.status, answered.body?.error]).not.toEqual([403, expect.anything()]);
      else expect(answered).toMatchObject({ status: 403, body: { error: refusal } });
      if (refusal !== undefined && pocketId.since("2.13"))
        expect(answered.body.code).toBe(access === "admin" ? "forbidden" : "api_key_auth_not_allowed");
    });
  }
});

const whoever = { user: "whoever is signed in", admin: "administrators", session: "sessions, and refuses keys" };
