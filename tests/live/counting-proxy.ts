import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands before a Pocket ID on loopback, and counts what goes through. */
export interface CountingProxy {
  readonly url: string;
  /** What went through since it was last asked. */
  counted(): Counted;
  close(): Promise<void>;
}

export interface Counted {
  readonly requests: number;
  /** Requests that were under way at once at the most. */
  readonly atOnce: number;
  /** The same of pages of lists alone. */
  readonly pagesAtOnce: number;
}

export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  let requests = 0;
  const all = new Gauge();
  const pages = new Gauge();
  const server = createServer((incoming, answer) => {
    requests++;
    const gauges = incoming.url?.includes("pagination") ? [all, pages] : [all];
    for (const gauge of gauges) gauge.up();
    answer.on("close", () => {
      for (const gauge of gauges) gauge.down();
    });
    const { method, url, headers } = incoming;
    const passed = request({ hostname, port, method, path: url, headers, agent }, (reply) => {
      answer.writeHead(reply.statusCode ?? 502, reply.headers);
      reply.pipe(answer);
    });
    passed.on("error", () => answer.destroy());
    incoming.pipe(passed);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counted() {
      const counted = { requests, atOnce: all.take(), pagesAtOnce: pages.take() };
      requests = 0;
      return counted;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
      agent.destroy();
    },
  };
}

/** How many there are, and the most that there were. */
class Gauge {
  #now = 0;
  #most = 0;
  up(): void {
    this.#most = Math.max(this.#most, ++this.#now);
  }
  down(): void {
    this.#now--;
  }
  /** The most since it was last taken. */
  take(): number {
    const most = this.#most;
    this.#most = this.#now;
    return most;
  }
}
