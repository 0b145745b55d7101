// A provider as docs/providers.md describes it: takes requests in, believes those that the state signed, answers signed.
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { SignJWT, createRemoteJWKSet, exportJWK, generateKeyPair, jwtVerify } from "jose";

// code is our name with the state, site its address, jwks where it publishes its keys.
const { port, code, site, jwks } = JSON.parse(readFileSync(0, "utf8"));

let keys = await generateKeyPair("ES256");
const theirs = createRemoteJWKSet(new URL(jwks), { cooldownDuration: 0 });
const digest = (body) => createHash("sha256").update(body).digest("base64url");

// believe returns what a message's signature says, or throws.
async function believe(header, body) {
  const { payload } = await jwtVerify(header ?? "", theirs, {
    algorithms: ["ES256"], typ: "exchange+jwt", issuer: site, audience: code, maxTokenAge: "5m", requiredClaims: ["jti"],
  });
  if (payload.body_sha256 !== digest(body)) throw new Error("signed for another body");
  return payload;
}

// sign returns the signature of a message of ours.
const sign = (id, body) => new SignJWT({ body_sha256: digest(body) })
  .setProtectedHeader({ alg: "ES256", typ: "exchange+jwt" }).setIssuer(code).setAudience(site).setJti(id).setIssuedAt().sign(keys.privateKey);

const taken = new Map(); // by the id of the message: what comes again is answered, and not done twice

// answer posts to the state what became of a request.
async function answer(request, kind, more) {
  const body = JSON.stringify({ request_id: request.id, kind, at: new Date().toISOString(), ...more });
  const sent = await fetch(site + "/hooks/exchange", {
    method: "POST", body, headers: { "content-type": "application/json", "exchange-signature": await sign(`${request.id}-${kind}`, body) },
  });
  if (!sent.ok) throw new Error(`${sent.status} ${await sent.text()}`);
}

createServer(async (req, res) => {
  const parts = [];
  for await (const part of req) parts.push(part);
  const body = Buffer.concat(parts);
  if (req.method === "GET") { // what we publish, and for the test what we took
    if (req.url === "/taken") return res.end(JSON.stringify([...taken.values()]));
    if (req.url === "/rotate") keys = await generateKeyPair("ES256");
    return res.end(JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), alg: "ES256", use: "sig" }] }));
  }
  try {
    const said = await believe(req.headers["exchange-signature"], body);
    const message = JSON.parse(body);
    const reply = "{}";
    res.writeHead(200, { "exchange-signature": await sign(said.jti, reply) }).end(reply);
    if (message.kind === "ping" || taken.has(said.jti)) return;
    taken.set(said.jti, message);
    await answer(message, "received", { state_name: { en: "With the water company" } });
  } catch (why) {
    console.error(String(why));
    if (!res.headersSent) res.writeHead(401).end();
  }
}).listen(port, "localhost");
