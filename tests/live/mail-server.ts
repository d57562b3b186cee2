import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A mail as it came in. */
export interface Mail {
  readonly to: string;
  /** With which user and password, or undefined if without. */
  readonly login: { readonly user: string; readonly password: string } | undefined;
  /** Headers and text, decoded. */
  readonly text: string;
}

/** As much of a mail server as Pocket ID needs to get rid of a mail. */
export interface MailServer {
  readonly port: number;
  /** The next mail to this address, also one that is there already. */
  receive(to: string): Promise<Mail>;
  close(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const mails: Mail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    converse(socket, (mail) => {
      mails.push(mail);
      server.emit("mail");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async receive(to) {
      const signal = AbortSignal.timeout(15_000);
      for (;;) {
        const index = mails.findIndex((mail) => mail.to === to);
        const [mail] = index === -1 ? [] : mails.splice(index, 1);
        if (mail !== undefined) return mail;
        await once(server, "mail", { signal });
      }
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

function converse(socket: Socket, received: (mail: Mail) => void): void {
  let rest = "";
  let data: string[] | undefined;
  let to = "";
  let login: Mail["login"];
  const say = (line: string) => socket.write(`${line}\r\n`);
  say("220 mail.example ESMTP");
  socket.on("data", (chunk) => {
    rest += chunk.toString("utf8");
    const lines = rest.split("\r\n");
    rest = lines.pop() ?? "";
    for (const line of lines) hear(line);
  });

  function hear(line: string): void {
    if (data !== undefined) {
      if (line !== ".") {
        data.push(line.replace(/^\./, ""));
        return;
      }
      received({ to, login, text: decode(data.join("\n")) });
      data = undefined;
      say("250 taken");
      return;
    }
    const [verb = "", ...words] = line.split(" ");
    switch (verb.toUpperCase()) {
      case "EHLO":
        say("250-mail.example");
        say("250 AUTH PLAIN");
        break;
      case "AUTH": {
        const [, user = "", password = ""] = Buffer.from(words[1] ?? "", "base64")
          .toString("utf8")
          .split("\0");
        login = { user, password };
        say("235 welcome");
        break;
      }
      case "RCPT":
        to = /<(.*)>/.exec(line)?.[1] ?? "";
        say("250 ok");
        break;
      case "DATA":
        data = [];
        say("354 go on");
        break;
      case "QUIT":
        say("221 bye");
        socket.end();
        break;
      default:
        say("250 ok");
    }
  }
}

/** Undoes quoted-printable. */
const decode = (text: string): string =>
  text
    .replace(/=\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
