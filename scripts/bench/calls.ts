import { createRequire } from "node:module";
import { bundled } from "./bundled.ts";
import { type Figure, median, quantile, type Section } from "./figure.ts";
import type { inside } from "./inside.ts";
import { type Instance, settingsFor, withInstance } from "./instance.ts";
import { builtFile, hello, type Spoken, speakTo } from "./process.ts";

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

const userGet = (program: Spoken, user: string) => async (): Promise<unknown> => {
  const result = await program.ask("tools/call", { name: "user_get", arguments: { user } });
  // A refusal would be fast.
  if (result.isError) throw new Error(`The user was not read: ${JSON.stringify(result.content)}`);
  return result.structuredContent;
};

/** `user_get` through stdio, against programs that send the same request with undici and do nothing else. */
async function throughStdio(
  instance: Instance,
  home: string,
  short: boolean,
  progress: (text: string) => void,
): Promise<Figure[]> {
  const settings = settingsFor(instance, home);
  const files = {
    ours: builtFile("users"),
    byHand: await bundled("floor.cjs", home),
    sdk: await bundled("sdk-alone.ts", home),
  };
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
    const answers = await Promise.all(Object.values(ways).map((ask) => ask()));
    if (!answers.every((answer) => JSON.stringify(answer).includes(`"id":"${instance.user}"`)))
      throw new Error("They do not answer the same.");
    await compete(ways, { count: short ? 300 : 1_000, atOnce: 8, turns: 2 });
    for (const atOnce of [1, 8, 64]) {
      progress(`user_get, ${atOnce} at once`);
      // As long as the lanes are full for most of the time.
      const count = Math.max(short ? 250 : 750, 20 * atOnce);
      const { ours, byHand, sdk } = await compete(ways, { count, atOnce, turns: short ? 8 : 12 });
      const figure = (
        what: string,
        of: keyof Outcome,
        unit: Figure["unit"],
        against: "by hand" | "the SDK alone",
      ): Figure => ({
        what: `user_get, ${atOnce} at once, ${what}${against === "by hand" ? "" : ", the SDK"}`,
        value: ours[of],
        unit,
        baseline: { what: against, value: (against === "by hand" ? byHand : sdk)[of] },
      });
      const budget = budgets[instance.real ? "real" : "sandbox"];
      figures.push(
        { ...figure("p50", "p50", "ms", "by hand"), ...(atOnce === 1 ? { atMost: budget.p50 } : {}) },
        figure("p50", "p50", "ms", "the SDK alone"),
        figure("p99", "p99", "ms", "by hand"),
        {
          ...figure("throughput", "perSecond", "calls/s", "by hand"),
          ...(atOnce === 64 ? { atLeast: budget.throughput } : {}),
        },
        figure("throughput", "perSecond", "calls/s", "the SDK alone"),
      );
    }
  } finally {
    await Promise.all(Object.values(programs).map((program) => program.end()));
  }
  return figures;
}

/** Against the program by hand; inside, against the library: 15 % of a call. A real Pocket ID takes longer itself, which leaves less to us. */
const budgets = {
  sandbox: { p50: 1.6, throughput: 0.6, inside: 1.17 },
  real: { p50: 1.15, throughput: 0.95, inside: 1.17 },
};

/** What a call takes besides the work of the library. */
async function insideTheServer(
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
  const made: { inside: typeof inside } = createRequire(import.meta.url)(await bundled("inside.ts", home));
  const { tool, library, close } = made.inside(instance, env, home);
  progress("inside a call");
  try {
    const ways = { tool, library };
    await compete(ways, { count: 300, atOnce: 1, turns: 2 });
    const figures = await compete(ways, { count: short ? 300 : 1_000, atOnce: 1, turns: 10 });
    return [
      {
        what: "user_get inside the server, p50",
        value: figures.tool.p50,
        unit: "ms",
        baseline: { what: "the library alone", value: figures.library.p50 },
        atMost: budgets[instance.real ? "real" : "sandbox"].inside,
      },
    ];
  } finally {
    await close();
  }
}

/** What a call takes, against the same request without any of our code. */
export const calls: Section = ({ short, progress }) =>
  withInstance(async (instance, home) => [
    ...(await throughStdio(instance, home, short, progress)),
    ...(await insideTheServer(instance, home, short, progress)),
  ]);
