import { type AddressInfo, createServer } from "node:net";
import { expect, it } from "vitest";
import { builtFile, initialize, serverEnv, startProcess } from "../support/built.ts";

it("goes through the proxy that the environment names: what it needs of undici is in the bundle", async () => {
  const asked: string[] = [];
  const proxy = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", (data) => {
      asked.push(data.toString("latin1").split("\r\n", 1)[0] ?? "");
      socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n");
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const server = startProcess(
    builtFile("users"),
    serverEnv({
      POCKETID_URL: "https://id.example.com",
      POCKETID_API_KEY: "the-api-key",
      HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    }),
  );
  server.send(initialize);
  await server.answer(1);
  server.send({ id: 2, method: "tools/call", params: { name: "user_list", arguments: {} } });
  await server.answer(2);
  server.end();
  await server.exited;
  await new Promise((resolve) => proxy.close(resolve));
  expect(asked[0]).toBe("CONNECT id.example.com:443 HTTP/1.1");
});
