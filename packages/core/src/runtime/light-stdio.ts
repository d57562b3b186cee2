import { once } from "node:events";
import { type JSONRPCMessage, serializeMessage } from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";

/**
 * The SDK's transport, but it listens for the end of a wait only where stdout has no room, and not with each message. What stdout says when it is
 * gone, the SDK hears anyway.
 */
export class LightStdio extends StdioServerTransport {
  #closed = false;

  override async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed) return super.send(message);
    if (!process.stdout.write(serializeMessage(message))) await once(process.stdout, "drain");
  }

  override close(): Promise<void> {
    this.#closed = true;
    return super.close();
  }
}
