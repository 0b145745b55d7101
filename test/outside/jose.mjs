// Verifies the signed texts that it is asked about, as JSON on standard input, by the keys that are published at addresses:
// a JWK Set, or the document of a did:web identifier. It writes what each says, or why it is not believed.
import { readFileSync } from "node:fs";
import { compactVerify, createRemoteJWKSet, decodeProtectedHeader, importJWK } from "jose";

const asked = JSON.parse(readFileSync(0, "utf8"));

// resolve returns the key that a DID document gives for a signed text, after the did:web method: %3A is a colon, and the
// identifier's parts are the path.
async function resolve(did, text) {
  const [host, ...path] = did.slice("did:web:".length).split(":");
  const at = "http://" + decodeURIComponent(host) + (path.length ? "/" + path.join("/") : "/.well-known") + "/did.json";
  const document = await (await fetch(at)).json();
  if (document.id !== did) throw new Error(`${at} is of ${document.id}`);
  const method = document.verificationMethod.find((m) => m.id === did + "#" + decodeProtectedHeader(text).kid);
  if (!method || !document.assertionMethod.includes(method.id)) throw new Error("no such key");
  return importJWK(method.publicKeyJwk, "ES256");
}

const found = {};
for (const [name, { text, jwks, did }] of Object.entries(asked)) {
  try {
    const key = did ? await resolve(did, text) : createRemoteJWKSet(new URL(jwks));
    const { payload, protectedHeader } = await compactVerify(text, key, { algorithms: ["ES256"] });
    found[name] = { Says: new TextDecoder().decode(payload), Key: protectedHeader.kid };
  } catch (why) {
    found[name] = { Why: String(why) };
  }
}
console.log(JSON.stringify(found));
