import { createHash, generateKeyPairSync, randomBytes } from "node:crypto";
import type { Instance, Json } from "./instance.ts";

/** Apple's: Pocket ID calls every passkey by its model, so two of them are called alike. */
const model = Buffer.from("fbfc3007154e4ecc8c0b6e020557d7bd", "hex");

/** Adds a passkey to the account of a session, as a browser and its authenticator do together. */
export async function addPasskey({ url, read }: Instance, session: string): Promise<Json> {
  const authorization = `Bearer ${session}`;
  const started = await fetch(`${url}/api/webauthn/register/start`, { headers: { authorization } });
  const cookie = started.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const options: Json = await started.json();
  const { issuer } = await read("/.well-known/openid-configuration");
  const id = randomBytes(20);
  const clientDataJSON = JSON.stringify({ type: "webauthn.create", challenge: options.challenge, origin: issuer });
  const attestationObject = cbor(
    new Map<string, unknown>([
      ["fmt", "none"],
      ["attStmt", new Map()],
      ["authData", authenticatorData(options.rp.id, id)],
    ]),
  );
  const finished = await fetch(`${url}/api/webauthn/register/finish`, {
    method: "POST",
    headers: { authorization, cookie, "content-type": "application/json" },
    body: JSON.stringify({
      id: id.toString("base64url"),
      rawId: id.toString("base64url"),
      type: "public-key",
      response: {
        clientDataJSON: Buffer.from(clientDataJSON).toString("base64url"),
        attestationObject: attestationObject.toString("base64url"),
        transports: ["internal", "hybrid"],
      },
    }),
  });
  const passkey: Json = await finished.json();
  if (finished.status !== 200) throw new Error(`no passkey: ${finished.status} ${JSON.stringify(passkey)}`);
  return passkey;
}

/** Somebody was there and was recognised; the key may be copied to other devices, and has been. */
const flags = 0b0101_1101;

function authenticatorData(relyingParty: string, id: Buffer): Buffer {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const key = new Map<number, unknown>([
    [1, 2], // an elliptic curve key
    [3, -7], // for ES256
    [-1, 1], // on P-256
    [-2, Buffer.from(x, "base64url")],
    [-3, Buffer.from(y, "base64url")],
  ]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(id.length);
  const counter = Buffer.alloc(4);
  const hash = createHash("sha256").update(relyingParty).digest();
  return Buffer.concat([hash, Buffer.of(flags), counter, model, length, id, cbor(key)]);
}

/** As much CBOR as an authenticator needs. */
function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (value instanceof Map)
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, inner]) => [cbor(key), cbor(inner)])]);
  throw new Error(`not in this CBOR: ${String(value)}`);
}

function head(kind: number, size: number): Buffer {
  if (size < 24) return Buffer.of((kind << 5) | size);
  return size < 256 ? Buffer.of((kind << 5) | 24, size) : Buffer.of((kind << 5) | 25, size >> 8, size & 0xff);
}
