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

/** How one turn went: milliseconds, and calls a second. */
interface Turn {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

interface Turns {
  /** Calls in each. */
  readonly count: number;
  readonly turns: number;
}

/** Does one thing in several ways, by turns, in an order that changes. @returns how each turn went, by the name of the way */
async function compete<N extends string>(
  ways: Readonly<Record<N, () => Promise<unknown>>>,
  atOnce: number,
  { count, turns }: Turns,
): Promise<Record<N, Turn[]>> {
  const names = Object.keys(ways) as N[];
  const outcome = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<N, Turn[]>;
  for (let turn = 0; turn < turns; turn++)
    for (const name of turn % 2 === 0 ? names : names.toReversed()) {
      const { each, all } = await timed(count, atOnce, ways[name]);
      outcome[name].push({ p50: median(each), p99: quantile(each, 0.99), perSecond: (count / all) * 1_000 });
    }
  return outcome;
}

/**
 * One way against another. Each turn is held against the other's of the same moment, and the middle of these ratios is taken: a real Pocket ID, and
 * what else the machine does, make one moment twice as slow as another.
 */
const versus = (of: keyof Turn, ours: readonly Turn[], what: string, theirs: readonly Turn[]) => ({
  value: median(ours.map((turn) => turn[of])),
  unit: of === "perSecond" ? ("calls/s" as const) : ("ms" as const),
  baseline: {
    what,
    value: median(theirs.map((turn) => turn[of])),
    ratio: median(ours.map((turn, nth) => turn[of] / (theirs[nth]?.[of] ?? Number.NaN))),
  },
});

/** Many short turns; with more at once, as long ones as keep all of them busy. */
function turnsOf(atOnce: number, short: boolean): Turns {
  if (atOnce > 8) return { count: 20 * atOnce, turns: short ? 12 : 24 };
  return short ? { count: 100, turns: 30 } : { count: 160, turns: 60 };
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
    await compete(ways, 8, { count: short ? 300 : 1_000, turns: 2 });
    for (const atOnce of [1, 8, 64]) {
      progress(`user_get, ${atOnce} at once`);
      const { ours, byHand, sdk } = await compete(ways, atOnce, turnsOf(atOnce, short));
      const what = `user_get, ${atOnce} at once`;
      const budget = budgets[instance.real ? "real" : "sandbox"];
      figures.push(
        {
          what: `${what}, p50`,
          ...versus("p50", ours, "by hand", byHand),
          ...(atOnce === 1 ? { atMost: budget.p50 } : {}),
        },
        { what: `${what}, p50, the SDK`, ...versus("p50", ours, "the SDK alone", sdk) },
        { what: `${what}, p99`, ...versus("p99", ours, "by hand", byHand) },
        {
          what: `${what}, throughput`,
          ...versus("perSecond", ours, "by hand", byHand),
          ...(atOnce === 64 ? { atLeast: budget.throughput } : {}),
        },
        { what: `${what}, throughput, the SDK`, ...versus("perSecond", ours, "the SDK alone", sdk) },
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
    await compete(ways, 1, { count: 300, turns: 2 });
    const figures = await compete(ways, 1, turnsOf(1, short));
    return [
      {
        what: "user_get inside the server, p50",
        ...versus("p50", figures.tool, "the library alone", figures.library),
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
