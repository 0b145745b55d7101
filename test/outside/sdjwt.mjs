// Verifies the credentials that it is asked about, as JSON on standard input, with the OpenWallet Foundation's SD-JWT
// library and writes what it found.
import { readFileSync } from "node:fs";
import { SDJwtVcInstance } from "@sd-jwt/sd-jwt-vc";
import { digest, generateSalt, ES256 } from "@sd-jwt/crypto-nodejs";

const asked = JSON.parse(readFileSync(0, "utf8"));
const verifiers = await Promise.all(asked.jwks.keys.map((key) => ES256.getVerifier(key)));
const verifier = async (data, signature) => {
  for (const verify of verifiers) {
    if (await verify(data, signature)) return true;
  }
  return false;
};
const judge = new SDJwtVcInstance({
  verifier, hasher: digest, hashAlg: "sha-256", saltGenerator: generateSalt,
  statusListFetcher: async () => asked.list, statusVerifier: verifier,
});
const found = {};
for (const [name, credential] of Object.entries(asked.cases)) {
  try {
    const { payload } = await judge.verify(credential);
    const claims = ["full_name", "birth_date", "register"].filter((claim) => claim in payload).sort();
    found[name] = { Valid: true, Claims: claims };
  } catch (why) {
    found[name] = { Valid: false, Why: String(why) };
  }
}
console.log(JSON.stringify(found));
