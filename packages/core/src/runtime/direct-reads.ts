import type {
  JSONRPCMessage,
  JSONRPCNotification,
  JSONRPCRequest,
  MessageExtraInfo,
  RequestId,
  Transport,
  TransportSendOptions,
} from "@modelcontextprotocol/server";
import { Canceller } from "../pocket-id/cancellation.ts";
import type { CallContext } from "./call.ts";
import type { Call } from "./calls.ts";
import type { ListedTool } from "./contract.ts";
import { progressOf, resultOf } from "./mcp-server.ts";
import { isPlainCall, type PlainCall } from "./plain-call.ts";

/** A read asks nobody: `defineTool` refuses one that would. */
const nobody: CallContext["person"] = async () => ({ canBeAsked: false });

/**
 * A transport that answers reads by itself, where a client of before 2026-07-28 asks for nothing but the answer: no message to it, and none from
 * it, needs more than its id. Everything else goes on to the SDK, which takes a tenth of a call to find out what these calls do not use: what era,
 * context, handler and schemas they have. Later clients say more with each call, which the SDK has to read.
 */
export class DirectReads implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: NonNullable<Transport["onmessage"]>;
  readonly #transport: Transport;
  readonly #reads: ReadonlySet<string>;
  readonly #call: Call;
  readonly #underWay = new Map<RequestId, Canceller>();
  /** The request that opens a connection; `#isOpen` once it has been answered as before 2026-07-28. */
  #opening: RequestId | undefined;
  #isOpen = false;

  /** @param offered what a client may call */
  constructor(transport: Transport, offered: readonly ListedTool[], call: Call) {
    this.#transport = transport;
    this.#reads = new Set(offered.filter(({ annotations }) => annotations.readOnlyHint).map(({ name }) => name));
    this.#call = call;
  }

  async start(): Promise<void> {
    this.#transport.onmessage = (message, extra) => this.#take(message, extra);
    this.#transport.onerror = (error) => this.onerror?.(error);
    this.#transport.onclose = () => {
      for (const canceller of this.#underWay.values()) canceller.abort();
      this.onclose?.();
    };
    await this.#transport.start();
  }

  send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if (this.#opening !== undefined && "id" in message && message.id === this.#opening) {
      this.#isOpen ||= "result" in message && "protocolVersion" in message.result;
      this.#opening = undefined;
    }
    return this.#transport.send(message, options);
  }

  async close(): Promise<void> {
    await this.#transport.close();
  }

  setProtocolVersion(version: string): void {
    this.#transport.setProtocolVersion?.(version);
  }

  #take(message: JSONRPCMessage, extra: MessageExtraInfo | undefined): void {
    if (this.#isOpen && isRequest(message, "tools/call") && isPlainCall(message.params)) {
      if (this.#reads.has(message.params.name)) return void this.#answer(message, message.params);
    } else if (isRequest(message, "initialize")) this.#opening = message.id;
    else if (isNotification(message, "notifications/cancelled")) this.#cancel(message.params);
    this.onmessage?.(message, extra);
  }

  /** What is no cancellation for the SDK is none here. */
  #cancel({ requestId, reason }: Readonly<Record<string, unknown>> = {}): void {
    if (reason === undefined || typeof reason === "string") this.#underWay.get(requestId as RequestId)?.abort(reason);
  }

  async #answer(message: JSONRPCRequest, { name, arguments: given, _meta: meta }: PlainCall): Promise<void> {
    const { id } = message;
    const canceller = new Canceller();
    this.#underWay.set(id, canceller);
    try {
      const onProgress = progressOf(meta?.progressToken, (progress) =>
        this.#transport.send({ jsonrpc: "2.0", ...progress }),
      );
      const context = { signal: canceller, onProgress, person: nobody };
      const answer = await this.#call(name, given, context).catch(() => undefined);
      if (canceller.aborted) return;
      // What else there is to be told, the SDK tells. Nothing is lost by reading again.
      if (answer === undefined || "asking" in answer) this.onmessage?.(message);
      else await this.#transport.send({ result: resultOf(answer), jsonrpc: "2.0", id });
    } catch (error) {
      this.onerror?.(new Error("An answer could not be sent.", { cause: error }));
    } finally {
      if (this.#underWay.get(id) === canceller) this.#underWay.delete(id);
    }
  }
}

const isRequest = (message: JSONRPCMessage, method: string): message is JSONRPCRequest =>
  "method" in message && message.method === method && "id" in message;

const isNotification = (message: JSONRPCMessage, method: string): message is JSONRPCNotification =>
  "method" in message && message.method === method && !("id" in message);
