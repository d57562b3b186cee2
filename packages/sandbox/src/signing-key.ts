import {
  createPublicKey,
  createSign,
  createVerify,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
} from "node:crypto";
import { parsed } from "./http/rules.ts";
import { randomBase64url } from "./random.ts";

interface SigningKey {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicJwk: JsonWebKey;
}

let key: SigningKey | undefined;

/** RS256 as Pocket ID makes it. One per process and only when needed: generating it takes longer than starting the sandbox. */
function signingKey(): SigningKey {
  if (key === undefined) {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    key = { kid: randomBase64url(8), privateKey, publicJwk: publicKey.export({ format: "jwk" }) };
  }
  return key;
}

export function jsonWebKeySet(): { keys: JsonWebKey[] } {
  const { kid, publicJwk } = signingKey();
  return { keys: [{ alg: "RS256", kid, use: "sig", ...publicJwk }] };
}

export function signedJwt(claims: Readonly<Record<string, unknown>>): string {
  const { kid, privateKey } = signingKey();
  const content = `${part({ alg: "RS256", kid, typ: "JWT" })}.${part(claims)}`;
  return `${content}.${createSign("RSA-SHA256").update(content).sign(privateKey, "base64url")}`;
}

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** The claims of one of our own tokens that has not expired. */
export function verifiedClaims(token: string): Record<string, unknown> | undefined {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const genuine = createVerify("RSA-SHA256")
    .update(`${header}.${payload}`)
    .verify(createPublicKey(signingKey().privateKey), signature, "base64url");
  const claims = genuine ? parsed(Buffer.from(payload, "base64url").toString("utf8")) : undefined;
  if (typeof claims !== "object" || claims === null) return undefined;
  const entries = Object.fromEntries(Object.entries(claims));
  return Number(entries.exp) * 1000 > Date.now() ? entries : undefined;
}
