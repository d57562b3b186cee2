import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Plugin } from "esbuild";

/** A place in the SDK, and what stands there in a server. */
interface Change {
  readonly what: string;
  readonly before: RegExp;
  readonly after: string;
}

/**
 * The SDK asks with a whole schema what kind a message is, five times on its way through a call. Over stdio, a schema has told that before, when
 * the message was read, and what goes out it has made itself: one look at the fields is enough.
 */
const kinds = ["isJSONRPCRequest", "isJSONRPCNotification", "isJSONRPCResultResponse", "isJSONRPCErrorResponse"].map(
  (name): Change => ({
    what: name,
    before: new RegExp(`^const ${name} = \\(value\\) => \\w+\\.safeParse\\(value\\)\\.success;$`, "m"),
    after: `const ${name} = known.${name};`,
  }),
);

const reading: Change = {
  what: "a message that it has read",
  before: /^\treturn JSONRPCMessageSchema\.parse\(JSON\.parse\(line\)\);$/m,
  after:
    "\tconst message = JSON.parse(line);\n\treturn known.isPlainRequest(message) ? message : JSONRPCMessageSchema.parse(message);",
};

/** It has been read just before: see the next. */
const request: Change = {
  what: "the request of a call for the handler",
  before: /\blet outcome = dispatchCodec\.validateRequest\(method, request\);/,
  after:
    'let outcome = method === "tools/call" ? { ok: true, value: request } : dispatchCodec.validateRequest(method, request);',
};

/** What most calls are needs no schema to be told. Any other is read with it. */
const call: Change = {
  what: "a call",
  before: /\bconst validatedRequest = codec\.validateRequest\("tools\/call", request\);/,
  after:
    'const validatedRequest = known.isPlainCall(request.params) ? { ok: true, value: request } : codec.validateRequest("tools/call", request);',
};

/** Hardly any call is cancelled: cancellation.ts has what it is worth. */
const canceller: Change = {
  what: "what cancels a call",
  before: /\bconst abortController = new AbortController\(\);(?=\s+this\._requestHandlerAbortControllers\.set)/,
  after: "const abortController = new known.Canceller();",
};

/** It is ours, and its type is checked when this is built; the tests of each tool run on the SDK as it is. */
const result: Change = {
  what: "the result of a call",
  before: /\bcodec\.validateResult\("tools\/call", normalizedResult\)/,
  after: "{ ok: true, value: normalizedResult }",
};

async function changed(path: string, changes: readonly Change[]): Promise<string> {
  let text = await readFile(path, "utf8");
  for (const { what, before, after } of changes) {
    if (!before.test(text)) throw new Error(`The SDK has changed where it checks ${what}: look at ${path}.`);
    text = text.replace(before, after);
  }
  const messages = JSON.stringify(fileURLToPath(new URL("./messages.ts", import.meta.url)));
  return `import * as known from ${messages};\n${text}`;
}

/**
 * Leaves out of the SDK what it checks a second time, or with a schema where a look is enough, and has it make what a call needs and no more: two
 * thirds of what it takes of a call that comes to it. `tests/built/messages.test.ts` holds that a server answers as it does with the whole SDK.
 */
export const sdkChecks: Plugin = {
  name: "sdk-checks",
  setup(build) {
    const parts = { src: [...kinds, reading, request, canceller], mcp: [call, result] };
    const found = new Set<string>();
    for (const [part, changes] of Object.entries(parts)) {
      const filter = new RegExp(`@modelcontextprotocol[/\\\\]server[/\\\\]dist[/\\\\]${part}-[^/\\\\]+\\.mjs$`);
      build.onLoad({ filter }, async ({ path }) => {
        found.add(part);
        return { contents: await changed(path, changes), loader: "js" };
      });
    }
    build.onEnd(() => {
      const missing = Object.keys(parts).filter((part) => !found.has(part));
      if (missing.length > 0) throw new Error(`The SDK has other files now: there is no ${missing.join(", ")}.`);
    });
  },
};
