import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { builtServers } from "../../tests/support/built.ts";
import { bundled } from "./bundled.ts";
import { type Figure, median, type Section } from "./figure.ts";
import { type Instance, settingsFor, withSandbox } from "./instance.ts";
import { bareNode, builtFile, hello, idleNode, memoryOf, type Spoken, speakTo } from "./process.ts";

const tools = fileURLToPath(new URL("../../packages/users/tools.json", import.meta.url));

/** A call of each program that takes one request. */
const firstCalls: Readonly<Record<string, string>> = {
  users: "user_get",
  groups: "user_group_list",
  clients: "oidc_client_list",
  "admin-config": "app_config_get",
  "keys-audit": "audit_log_list",
  all: "user_get",
};
const programs = Object.keys(firstCalls);

/** Milliseconds from starting a program to its answers. */
interface Start {
  readonly initialize: number;
  readonly list: number;
  readonly call: number;
}

async function start(node: string, file: string, env: Record<string, string>, call: object): Promise<Start> {
  const started = performance.now();
  const program = speakTo(node, file, env);
  await hello(program);
  const initialize = performance.now() - started;
  await program.ask("tools/list");
  const list = performance.now() - started;
  const { isError } = await program.ask("tools/call", call);
  if (isError) throw new Error(`${file}: its first call was refused.`);
  const done = { initialize, list, call: performance.now() - started };
  await program.end();
  return done;
}

/** What a run of each is, in an order that nobody has chosen: what the machine does besides hits all of them. */
const shuffled = <T>(items: readonly T[]): T[] =>
  items
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);

const callOf = (name: string, { user }: Instance): object => ({
  name: firstCalls[name],
  arguments: firstCalls[name] === "user_get" ? { user } : {},
});

async function startsOn(
  node: string,
  rounds: number,
  instance: Instance,
  home: string,
  progress: (text: string) => void,
): Promise<Figure[]> {
  const version = execFileSync(node, ["--version"], { encoding: "utf8", env: {} }).trim();
  const settings = settingsFor(instance, home);
  const bare: number[] = [];
  const starts = new Map<string, Start[]>([["floor", []], ...programs.map((name): [string, Start[]] => [name, []])]);
  const floor = await bundled("floor.cjs", home);
  const run = async (name: string): Promise<Start> =>
    name === "floor"
      ? start(node, floor, { ...settings, TOOLS: tools }, { name: "user_get", arguments: { user: instance.user } })
      : start(node, builtFile(name), settings, callOf(name, instance));
  // What V8 compiled is kept a second after the first start.
  for (const name of programs) await keepCompiled(node, name, settings, instance);
  for (let round = 0; round < rounds; round++) {
    progress(`${version}, round ${round + 1} of ${rounds}`);
    for (const name of shuffled(["bare", ...starts.keys()])) {
      if (name === "bare") bare.push(await bareNode(node));
      else starts.get(name)?.push(await run(name));
    }
  }
  const figures = [...starts].flatMap(([name, all]) =>
    (["initialize", "list", "call"] as const).map((step): Figure => {
      // The fastest of all: what else a machine does adds to any of them.
      const fastest = Math.min(...all.map((one) => one[step]));
      const toCall = Math.min(...(starts.get("floor") ?? []).map(({ call }) => call));
      const baseline =
        step === "call" && name !== "floor"
          ? { what: "by hand", value: toCall }
          : { what: "bare Node", value: Math.min(...bare) };
      const budget = name === "floor" ? {} : budgets(version)[step];
      return {
        what: `${version} ${name === "floor" ? "by hand" : name} to ${steps[step]}`,
        value: fastest,
        unit: "ms",
        baseline,
        ...budget,
      };
    }),
  );
  const medians = [...starts].map(
    ([name, all]): Figure => ({
      what: `${version} ${name === "floor" ? "by hand" : name} to ${steps.list}, median`,
      value: median(all.map(({ list }) => list)),
      unit: "ms",
      baseline: { what: "bare Node", value: median(bare) },
    }),
  );
  return [...figures, ...medians];
}

const steps = { initialize: "initialize", list: "tools/list", call: "its first call" };
const budgets = (version: string) => ({
  initialize: {},
  list: { atMost: version.startsWith("v20.") ? 3.2 : 3.1 },
  call: { atMost: 2.5 },
});

async function keepCompiled(
  node: string,
  name: string,
  settings: Record<string, string>,
  instance: Instance,
): Promise<void> {
  const program = speakTo(node, builtFile(name), settings);
  await hello(program);
  await program.ask("tools/list");
  await program.ask("tools/call", callOf(name, instance));
  await sleep(1_500);
  await program.end();
}

/** What programs hold in memory while they wait. Linux alone tells. */
async function memory(node: string, instance: Instance, home: string, calls: number): Promise<Figure[]> {
  const settings = settingsFor(instance, home);
  const listed = async (name: string): Promise<Spoken> => {
    const program = speakTo(node, builtFile(name), settings);
    await hello(program);
    await program.ask("tools/list");
    return program;
  };
  const idle = idleNode(node);
  await sleep(500);
  const bare = { what: "bare Node", value: memoryOf(idle.pid).rss };
  idle.kill();

  const one = await listed("users");
  await sleep(250);
  const alone = memoryOf(one.pid);
  for (let call = 0; call < calls; call++) await one.ask("tools/call", callOf("users", instance));
  const used = memoryOf(one.pid);
  await one.end();

  const five = await Promise.all(builtServers.map(listed));
  await sleep(250);
  const each = five.map(({ pid }) => memoryOf(pid).pss);
  await Promise.all(five.map((program) => program.end()));

  const all = await listed("all");
  await sleep(250);
  const allInOne = memoryOf(all.pid);
  await all.end();
  return [
    { what: "users, idle (RSS)", value: alone.rss, unit: "MB", baseline: bare, atMost: 1.65 },
    { what: `users, after ${calls} calls (RSS)`, value: used.rss, unit: "MB", baseline: bare },
    {
      what: "five at once (PSS)",
      value: each.reduce((sum, pss) => sum + pss, 0),
      unit: "MB",
      baseline: { what: "one (PSS)", value: alone.pss },
    },
    {
      what: "all in one process, idle (RSS)",
      value: allInOne.rss,
      unit: "MB",
      baseline: { what: "users", value: alone.rss },
      atMost: 1.3,
    },
  ];
}

/** From starting a server to its answers, and what it holds in memory. */
export const startUp: Section = ({ short, nodes, progress }) =>
  withSandbox(async (instance, home) => {
    const figures: Figure[] = [];
    for (const node of nodes) figures.push(...(await startsOn(node, short ? 10 : 25, instance, home, progress)));
    progress("memory");
    if (process.platform === "linux")
      figures.push(...(await memory(process.execPath, instance, home, short ? 200 : 1_000)));
    return figures;
  });
