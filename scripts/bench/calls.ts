import { fileURLToPath } from "node:url";
import { PocketIdClient } from "@pocketid-mcp/core";
import { callsOf } from "@pocketid-mcp/core/runtime";
import { policyOf } from "../../packages/core/src/runtime/policy.ts";
import { loadSettings } from "../../packages/core/src/settings/load.ts";
import { tools } from "../../packages/users/src/tools.ts";
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

/** One thing done in two ways, by turns. */
interface Contest {
  readonly ours: () => Promise<unknown>;
  readonly theirs: () => Promise<unknown>;
}

interface Outcome {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

async function compete(
  { ours, theirs }: Contest,
  count: number,
  atOnce: number,
  turns: number,
): Promise<{ ours: Outcome; theirs: Outcome }> {
  const runs = { ours: [] as Awaited<ReturnType<typeof timed>>[], theirs: [] as Awaited<ReturnType<typeof timed>>[] };
  for (let turn = 0; turn < turns; turn++) {
    runs.ours.push(await timed(count, atOnce, ours));
    runs.theirs.push(await timed(count, atOnce, theirs));
  }
  const outcome = (all: readonly { each: number[]; all: number }[]): Outcome => ({
    // The best turn: what else the machine does adds to any of them.
    p50: Math.min(...all.map(({ each }) => median(each))),
    p99: Math.min(...all.map(({ each }) => quantile(each, 0.99))),
    perSecond: Math.max(...all.map(({ all: ms }) => (count / ms) * 1_000)),
  });
  return { ours: outcome(runs.ours), theirs: outcome(runs.theirs) };
}

const userGet = (program: Spoken, user: string) => (): Promise<unknown> =>
  program.ask("tools/call", { name: "user_get", arguments: { user } });

/** `user_get` through stdio, against a program that sends the same request with undici and does nothing else. */
async function throughStdio(
  instance: Instance,
  home: string,
  short: boolean,
  progress: (text: string) => void,
): Promise<Figure[]> {
  const settings = { ...settingsFor(instance, home), LOG_LEVEL: "warn" };
  const [ours, theirs] = [
    speakTo(process.execPath, builtFile("users"), settings),
    speakTo(process.execPath, floor, settings),
  ];
  const contest = { ours: userGet(ours, instance.user), theirs: userGet(theirs, instance.user) };
  const figures: Figure[] = [];
  try {
    await Promise.all([hello(ours), hello(theirs)]);
    await compete(contest, 200, 8, 1);
    for (const atOnce of [1, 8, 64]) {
      progress(`user_get, ${atOnce} at once`);
      const result = await compete(contest, short ? 400 : 1_500, atOnce, short ? 3 : 5);
      const figure = (what: string, of: keyof Outcome, unit: Figure["unit"]): Figure => ({
        what: `user_get, ${atOnce} at once, ${what}`,
        value: result.ours[of],
        unit,
        baseline: { what: "by hand", value: result.theirs[of] },
      });
      figures.push(
        { ...figure("p50", "p50", "ms"), ...(atOnce === 1 ? { atMost: instance.real ? 1.15 : 1.6 } : {}) },
        figure("p99", "p99", "ms"),
        {
          ...figure("throughput", "perSecond", "calls/s"),
          ...(atOnce === 64 ? { atLeast: instance.real ? 0.95 : 0.6 } : {}),
        },
      );
    }
  } finally {
    await Promise.all([ours.end(), theirs.end()]);
  }
  return figures;
}

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
    const get = { ours: () => call("user_get", { user }, context), theirs: () => pocketId.users.get(user) };
    await compete(get, 200, 1, 1);
    const { ours, theirs } = await compete(get, short ? 400 : 1_500, 1, 5);
    return [
      {
        what: "user_get inside the server, p50",
        value: ours.p50,
        unit: "ms",
        baseline: { what: "the library alone", value: theirs.p50 },
        atMost: 1.15,
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
