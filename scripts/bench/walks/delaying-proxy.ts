import { connect, createServer, type Socket } from "node:net";
import { endWithParent } from "./child.ts";

// Stands before a server on loopback as if it were so many milliseconds away, there and back. Writes where it listens.
endWithParent();
const { hostname, port } = new URL(process.argv[2] ?? "");
const roundTripMs = Number(process.argv[3]);

/** Passes on what comes, in its order, half a round trip later. */
function passOn(from: Socket, to: Socket, firstAfterMs: number): void {
  const opened = performance.now() + firstAfterMs;
  from.on("data", (chunk) => {
    const wait = Math.max(opened - performance.now(), 0) + roundTripMs / 2;
    setTimeout(() => to.writable && to.write(chunk), wait);
  });
  from.on("close", () => setTimeout(() => to.destroy(), roundTripMs / 2));
  from.on("error", () => undefined);
}

const server = createServer({ noDelay: true }, (near) => {
  const far = connect({ host: hostname, port: Number(port), noDelay: true });
  // Opening a connection takes a round trip, too.
  passOn(near, far, roundTripMs);
  passOn(far, near, 0);
}).listen(0, "127.0.0.1", () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === "object" ? address?.port : address}`);
});
