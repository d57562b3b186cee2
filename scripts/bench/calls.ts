import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PocketIdClient } from "@pocketid-mcp/core";
import { callsOf } from "@pocketid-mcp/core/runtime";
import { build } from "esbuild";
import { policyOf } from "../../packages/core/src/runtime/policy.ts";
import { loadSettings } from "../../packages/core/src/settings/load.ts";
import { tools } from "../../packages/users/src/tools.ts";
import { bundleOptions, lighterParts } from "../bundle/options.ts";
import { type Figure, median, quantile, type Section } from "./figure.ts";
import { type Instance, settingsFor, withInstance } from "./instance.ts";
import { builtFile, hello, type Spoken, speakTo } from "./process.ts";

const floor = fileURLToPath(new URL("./floor.cjs", import.meta.url));

/** Runs so many at a time until all are done. @returns milliseconds of each, and of all together */
async function timed(
  count: number,
  atOnce: number,
  work: () => Promise<unknown>,
): Promise<{ each: number[]; all: number }> {
  const each: number[] = [];
  let left = count;
  const started = performance.now();
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const at = performance.now();
      await work();
      each.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return { each, all: performance.now() - started };
}

interface Outcome {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** Does one thing in several ways, by turns, in an order that changes. @returns how each went, by its name */
async function compete<N extends string>(
  ways: Readonly<Record<N, () => Promise<unknown>>>,
  { count, atOnce, turns }: { count: number; atOnce: number; turns: number },
): Promise<Record<N, Outcome>> {
  const names = Object.keys(ways) as N[];
  const runs = new Map(names.map((name): [N, Awaited<ReturnType<typeof timed>>[]] => [name, []]));
  for (let turn = 0; turn < turns; turn++) {
    for (const name of turn % 2 === 0 ? names : names.toReversed())
      runs.get(name)?.push(await timed(count, atOnce, ways[name]));
  }
  // The best turn: what else the machine does adds to any of them.
  const outcome = (all: readonly Awaited<ReturnType<typeof timed>>[] = []): Outcome => ({
    p50: Math.min(...all.map(({ each }) => median(each))),
    p99: Math.min(...all.map(({ each }) => quantile(each, 0.99))),
    perSecond: Math.max(...all.map(({ all: ms }) => (count / ms) * 1_000)),
  });
  return Object.fromEntries(names.map((name) => [name, outcome(runs.get(name))])) as Record<N, Outcome>;
}

const userGet = (program: Spoken, user: string) => (): Promise<unknown> =>
  program.ask("tools/call", { name: "user_get", arguments: { user } });

/** Makes one file of the program that is the SDK and nothing else, with the same parts left out as in ours. */
async function sdkAlone(home: string): Promise<string> {
  const entryPoint = fileURLToPath(new URL("./sdk-alone.ts", import.meta.url));
  const file = join(home, "sdk-alone.cjs");
  await build({ ...bundleOptions, entryPoints: [entryPoint], plugins: [lighterParts], write: true, outfile: file });
  return file;
}

/** `user_get` through stdio, against programs that send the same request with undici and do nothing else. */
async function throughStdio(
  instance: Instance,
  home: string,
  short: boolean,
  progress: (text: string) => void,
): Promise<Figure[]> {
  const settings = settingsFor(instance, home);
  const files = { ours: builtFile("users"), byHand: floor, sdk: await sdkAlone(home) };
  const start = (file: string): Spoken => speakTo(process.execPath, file, settings);
  const programs = { ours: start(files.ours), byHand: start(files.byHand), sdk: start(files.sdk) };
  const ways = {
    ours: userGet(programs.ours, instance.user),
    byHand: userGet(programs.byHand, instance.user),
    sdk: userGet(programs.sdk, instance.user),
  };
  const figures: Figure[] = [];
  try {
    await Promise.all(Object.values(programs).map(hello));
    await compete(ways, { count: short ? 300 : 1_000, atOnce: 8, turns: 2 });
    for (const atOnce of [1, 8, 64]) {
      progress(`user_get, ${atOnce} at once`);
      const { ours, byHand, sdk } = await compete(ways, { count: short ? 400 : 1_500, atOnce, turns: short ? 4 : 6 });
      const figure = (
        what: string,
        of: keyof Outcome,
        unit: Figure["unit"],
        against: "by hand" | "the SDK alone",
      ): Figure => ({
        what: `user_get, ${atOnce} at once, ${what}`,
        value: ours[of],
        unit,
        baseline: { what: against, value: (against === "by hand" ? byHand : sdk)[of] },
      });
      const budget = budgets[instance.real ? "real" : "sandbox"];
      figures.push(
        figure("p50", "p50", "ms", "by hand"),
        { ...figure("p50", "p50", "ms", "the SDK alone"), ...(atOnce === 1 ? { atMost: budget.p50 } : {}) },
        figure("p99", "p99", "ms", "by hand"),
        figure("throughput", "perSecond", "calls/s", "by hand"),
        {
          ...figure("throughput", "perSecond", "calls/s", "the SDK alone"),
          ...(atOnce === 64 ? { atLeast: budget.throughput } : {}),
        },
      );
    }
  } finally {
    await Promise.all(Object.values(programs).map((program) => program.end()));
  }
  return figures;
}

/** Against the SDK alone. A real Pocket ID takes longer itself, which leaves less to us. */
const budgets = {
  sandbox: { p50: 2, throughput: 0.4, inside: 1.6 },
  // Inside: 15 % of a call.
  real: { p50: 1.4, throughput: 0.8, inside: 1.17 },
};

/** What a call takes besides the work of the library: checks, references, redaction, logs. */
async function inside(
  instance: Instance,
  home: string,
  short: boolean,
  progress: (text: string) => void,
): Promise<Figure[]> {
  const env = {
    ...settingsFor(instance, home),
    LOG_LEVEL: "info",
    LOG_TO_STDERR: "false",
    LOG_DIR: home,
    POCKETID_AUDIT_FILE: `${home}/audit.log`,
    POCKETID_CONFIRM: "off",
  };
  const loaded = loadSettings([], env);
  const call = callsOf(tools)(loaded, policyOf(loaded.settings), home, () => undefined, "bench");
  const pocketId = new PocketIdClient({ url: instance.url, apiKey: instance.apiKey });
  const context = { onProgress: () => undefined, person: { canBeAsked: false } };
  const { user } = instance;
  progress("inside a call");
  try {
    // Each of them in one request.
    const ways = {
      tool: () => call("user_get", { user }, context),
      library: () => pocketId.within({ seen: new Map() }).users.get(user),
    };
    await compete(ways, { count: 300, atOnce: 1, turns: 2 });
    const { tool, library } = await compete(ways, { count: short ? 400 : 1_500, atOnce: 1, turns: 6 });
    return [
      {
        what: "user_get inside the server, p50",
        value: tool.p50,
        unit: "ms",
        baseline: { what: "the library alone", value: library.p50 },
        atMost: budgets[instance.real ? "real" : "sandbox"].inside,
      },
    ];
  } finally {
    await pocketId.close();
  }
}

/** What a call takes, against the same request without any of our code. */
export const calls: Section = ({ short, progress }) =>
  withInstance(async (instance, home) => [
    ...(await throughStdio(instance, home, short, progress)),
    ...(await inside(instance, home, short, progress)),
  ]);
