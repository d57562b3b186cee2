import { fileURLToPath } from "node:url";
import { Agent } from "undici";
import * as z from "zod";
import { type Figure, median, type Section } from "./figure.ts";
import { type Child, startChild } from "./walks/child.ts";
import { fillInstance } from "./walks/fill-instance.ts";

const Instance = z.object({ url: z.string(), apiKey: z.string() });
type Instance = z.output<typeof Instance>;

const roundTripMs = 20;

const amountOf = (count: number): string => `${count.toLocaleString("en")} users`;

/** Walks over all users through the library, against what anybody would write first: page after page, with nothing but undici. */
export const walks: Section = async ({ short, progress }) => {
  const amounts = short ? { few: 2_000, rounds: 7, streams: 5 } : { few: 10_000, rounds: 20, streams: 5 };
  const many = 10 * amounts.few;
  const users = amountOf(amounts.few);

  const compare = async (what: string, instance: Instance, atMost: number, rounds: number): Promise<Figure> => {
    progress(what);
    const { walk, loop } = await race(instance, rounds);
    return { what, value: walk, unit: "ms", baseline: { what: "page after page", value: loop }, atMost };
  };

  const [fewUsers, manyUsers] = [await startInstance(amounts.few), await startInstance(many)];
  const proxy = await startScript("delaying-proxy", fewUsers.url, String(roundTripMs));
  try {
    const far = await compare(
      `${users}, ${roundTripMs} ms away`,
      { ...fewUsers, url: proxy.said },
      0.33,
      amounts.rounds,
    );
    // A page out of a few takes the sandbox a fifth of a millisecond, as it takes no Pocket ID: that would be a race of two JSON parsers.
    const [nearUsers, count] = short ? [manyUsers, many] : [fewUsers, amounts.few];
    const near = await compare(`${amountOf(count)}, on the same machine`, nearUsers, 1.1, amounts.rounds);
    progress("memory");
    const memory = await compareMemory(fewUsers, manyUsers, amounts.streams);
    return [
      far,
      near,
      {
        what: `peak memory while streaming ${amountOf(many)}`,
        value: memory.many,
        unit: "MB",
        // As many pages: what is left is what a walk keeps of those that it has seen.
        baseline: { what: `ten times ${users}`, value: memory.few },
        atMost: 1.2,
      },
      ...(await overRealInstance(amounts, compare, progress)),
    ];
  } finally {
    await Promise.all([proxy, fewUsers, manyUsers].map(({ stop }) => stop()));
  }
};

/** The same on the Pocket ID that the live tests use, if there is one. It must not limit the rate of requests. */
async function overRealInstance(
  { few: count, rounds }: { readonly few: number; readonly rounds: number },
  compare: (what: string, instance: Instance, atMost: number, rounds: number) => Promise<Figure>,
  progress: (text: string) => void,
): Promise<Figure[]> {
  const { POCKETID_LIVE_URL: url, POCKETID_LIVE_API_KEY: apiKey } = process.env;
  if (url === undefined || apiKey === undefined) return [];
  progress("filling the real Pocket ID");
  const empty = await fillInstance({ url, apiKey }, count);
  try {
    return [await compare(`a real Pocket ID, ${amountOf(count)} or more`, { url, apiKey }, 0.77, rounds)];
  } finally {
    progress("emptying the real Pocket ID");
    await empty();
  }
}

const startScript = (name: string, ...args: string[]): Promise<Child> =>
  startChild([...process.execArgv, fileURLToPath(new URL(`./walks/${name}.ts`, import.meta.url)), ...args]);

async function startInstance(count: number): Promise<Instance & { stop(): Promise<void> }> {
  const { said, stop } = await startScript("large-instance", String(count));
  return { ...Instance.parse(JSON.parse(said)), stop };
}

/** Milliseconds of the best walk and of the best loop, which take turns. */
async function race({ url, apiKey }: Instance, rounds: number): Promise<{ walk: number; loop: number }> {
  // As it is built: what runs the sources wraps every function.
  const built = new URL("../../packages/core/dist/index.js", import.meta.url);
  const { PocketIdClient }: typeof import("@pocketid-mcp/core") = await import(built.href);
  const library = new PocketIdClient({ url, apiKey });
  const agent = new Agent();
  const contenders = {
    async walk() {
      let count = 0;
      for await (const _ of library.users.all()) count++;
      return count;
    },
    loop: () => pageAfterPage(agent, { url, apiKey }),
  };
  const times = { walk: [] as number[], loop: [] as number[] };
  const run = async (name: keyof typeof contenders): Promise<number> => {
    const started = performance.now();
    const count = await contenders[name]();
    times[name].push(performance.now() - started);
    return count;
  };
  for (let round = 0; round <= rounds; round++) {
    const counts = round % 2 === 0 ? [await run("walk"), await run("loop")] : [await run("loop"), await run("walk")];
    if (counts[0] !== counts[1]) throw new Error(`${counts.join(" and ")} users are not the same`);
  }
  await Promise.all([library.close(), agent.close()]);
  // The first round opened the connections. The best: what else the machine does adds to any of them.
  return { walk: Math.min(...times.walk.slice(1)), loop: Math.min(...times.loop.slice(1)) };
}

async function pageAfterPage(agent: Agent, { url, apiKey }: Instance): Promise<number> {
  let count = 0;
  for (let page = 1, pages = 1; page <= pages; page++) {
    const path = `/api/users?pagination[page]=${page}&pagination[limit]=100&sort[column]=username&sort[direction]=asc`;
    const { body } = await agent.request({ origin: url, path, method: "GET", headers: { "x-api-key": apiKey } });
    const { data, pagination } = JSON.parse(await body.text());
    count += data.length;
    pages = pagination.totalPages;
  }
  return count;
}

/** Median megabytes of streaming many users once, and a tenth of them ten times. */
async function compareMemory(few: Instance, many: Instance, streams: number): Promise<{ few: number; many: number }> {
  const peaks = { few: [] as number[], many: [] as number[] };
  for (let stream = 0; stream < streams; stream++) {
    peaks.few.push(await peakMemory(few, 10));
    peaks.many.push(await peakMemory(many, 1));
  }
  return { few: median(peaks.few), many: median(peaks.many) };
}

/** Megabytes that a process holds at the most which does nothing but stream all users, with the library as it is built. */
async function peakMemory({ url, apiKey }: Instance, times: number): Promise<number> {
  const script = `
    import { PocketIdClient } from "@pocketid-mcp/core";
    const pocketId = new PocketIdClient(${JSON.stringify({ url, apiKey })});
    let peak = 0;
    const onProgress = () => { peak = Math.max(peak, process.memoryUsage.rss()); };
    for (let time = 0; time < ${times}; time++) for await (const user of pocketId.users.all({ onProgress }));
    console.log(peak / 1_000_000);
    await pocketId.close();
  `;
  const child = await startChild(["--input-type=module", "--eval", script]);
  await child.stop();
  return Number(child.said);
}
