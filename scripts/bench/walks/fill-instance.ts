import { setTimeout as sleep } from "node:timers/promises";
import { Agent } from "undici";
import * as z from "zod";

const List = z.object({ pagination: z.object({ totalItems: z.int() }) });
const Made = z.object({ id: z.string() });

/**
 * Adds users to a real Pocket ID until it has so many.
 * @returns what takes them away again
 */
export async function fillInstance(
  { url, apiKey }: { readonly url: string; readonly apiKey: string },
  count: number,
): Promise<() => Promise<void>> {
  const agent = new Agent();
  const send = async (method: "GET" | "POST" | "DELETE", path: string, content?: object): Promise<unknown> => {
    const headers = { "x-api-key": apiKey, "content-type": "application/json" };
    const sent = content === undefined ? null : JSON.stringify(content);
    const { statusCode, body } = await agent.request({ origin: url, path, method, headers, body: sent });
    const text = await body.text();
    if (statusCode === 429) return sleep(1_000).then(() => send(method, path, content));
    if (statusCode >= 300) throw new Error(`${method} ${path}: ${statusCode} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  const { pagination } = List.parse(await send("GET", "/api/users?pagination[limit]=1"));
  const ids: string[] = [];
  await fourAtOnce(count - pagination.totalItems, async (index) => {
    const username = `bench-${index}-${Date.now()}`;
    const email = `${username}@example.com`;
    const names = { firstName: "Bench", lastName: String(index), displayName: `Bench ${index}` };
    const { id } = Made.parse(await send("POST", "/api/users", { username, email, ...names }));
    ids.push(id);
  });
  return async () => {
    await fourAtOnce(ids.length, (index) => send("DELETE", `/api/users/${ids[index]}`));
    await agent.close();
  };
}

async function fourAtOnce(times: number, act: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < times) await act(next++);
  };
  await Promise.all(Array.from({ length: 4 }, worker));
}
