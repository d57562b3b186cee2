import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Somebody in the directory. */
export interface Person {
  readonly uid: string;
  readonly givenName: string;
  readonly sn: string;
}

/** A directory of people and one group of them, served by a real slapd on loopback. */
export interface LdapDirectory {
  readonly url: string;
  readonly base: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  /** Puts others in the place of everybody who was in it. */
  holds(people: readonly Person[], group: string): Promise<void>;
  close(): Promise<void>;
}

/** The slapd of `POCKETID_LIVE_SLAPD`, or of the PATH; undefined if there is none. */
export function findSlapd(env: NodeJS.ProcessEnv): string | undefined {
  // Debian puts it where only root's PATH looks.
  const folders = [...(env.PATH ?? "").split(delimiter), "/usr/sbin", "/usr/lib/openldap", "/usr/libexec"];
  const places = env.POCKETID_LIVE_SLAPD ? [env.POCKETID_LIVE_SLAPD] : folders.map((folder) => join(folder, "slapd"));
  return places.find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const base = "dc=live,dc=example";
const bindDn = `cn=reader,${base}`;
const bindPassword = "ldap-password-of-the-live-tests";

/** As much of a schema as these entries need, and the one kind of database that every slapd has built in. */
const configuration = (folder: string): string => `
attributetype ( 2.5.4.4 NAME 'sn' SUP name )
attributetype ( 2.5.4.42 NAME 'givenName' SUP name )
attributetype ( 2.5.4.10 NAME 'o' SUP name )
attributetype ( 2.5.4.31 NAME 'member' SUP distinguishedName )
attributetype ( 0.9.2342.19200300.100.1.3 NAME 'mail' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 )
attributetype ( 0.9.2342.19200300.100.1.25 NAME 'dc' EQUALITY caseIgnoreIA5Match SYNTAX 1.3.6.1.4.1.1466.115.121.1.26 SINGLE-VALUE )
objectclass ( 1.1.1 NAME 'top-of-live' SUP top STRUCTURAL MUST dc )
objectclass ( 2.5.6.6 NAME 'person' SUP top STRUCTURAL MUST ( sn $ cn ) MAY ( uid $ givenName $ mail ) )
objectclass ( 2.5.6.9 NAME 'groupOfNames' SUP top STRUCTURAL MUST cn MAY member )
pidfile ${folder}/slapd.pid
database ldif
suffix "${base}"
directory ${folder}/entries
rootdn "${bindDn}"
rootpw ${bindPassword}
`;

const dnOf = ({ uid }: Person): string => `uid=${uid},${base}`;

const entries = (people: readonly Person[], group: string): string =>
  [
    [`dn: ${base}`, "objectClass: top-of-live", "dc: live"],
    ...people.map((person) => [
      `dn: ${dnOf(person)}`,
      "objectClass: person",
      `uid: ${person.uid}`,
      `cn: ${person.givenName} ${person.sn}`,
      `givenName: ${person.givenName}`,
      `sn: ${person.sn}`,
      `mail: ${person.uid}@live.example`,
    ]),
    [
      `dn: cn=${group},${base}`,
      "objectClass: groupOfNames",
      `cn: ${group}`,
      ...people.map((person) => `member: ${dnOf(person)}`),
    ],
  ]
    .map((lines) => `${lines.join("\n")}\n`)
    .join("\n");

export async function startLdapDirectory(slapd: string): Promise<LdapDirectory> {
  const folder = mkdtempSync(join(tmpdir(), "pocketid-mcp-ldap-"));
  const file = join(folder, "slapd.conf");
  writeFileSync(file, configuration(folder));
  const port = await freePort();
  const url = `ldap://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;

  async function stop(): Promise<void> {
    if (server === undefined || server.exitCode !== null) return;
    const gone = once(server, "exit");
    server.kill();
    await gone;
  }

  return {
    url,
    base,
    bindDn,
    bindPassword,
    async holds(people, group) {
      await stop();
      rmSync(join(folder, "entries"), { recursive: true, force: true });
      mkdirSync(join(folder, "entries"));
      const added = spawnSync(slapd, ["-T", "add", "-f", file], { input: entries(people, group), encoding: "utf8" });
      if (added.status !== 0) throw new Error(`slapd did not take the entries: ${added.stderr}`);
      // With -d it stays a process of ours.
      server = spawn(slapd, ["-f", file, "-h", url, "-d", "0"], { stdio: "ignore" });
      await answers(port, server);
    },
    async close() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function answers(port: number, server: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (server.exitCode !== null) throw new Error(`slapd ended with ${server.exitCode}`);
    const socket = connect(port, "127.0.0.1");
    const connected = await once(socket, "connect").then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (connected) return;
    await sleep(50);
  }
  throw new Error("slapd does not answer");
}
