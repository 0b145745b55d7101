// Runs npm's oidc-provider as an OpenID provider of somebody else's. What it is to be comes as JSON on standard input:
// port, clients (its own metadata) and accounts (claims by subject). Anybody signs in with a subject and any password.
// It makes new signing keys whenever it starts, and says "ready" when it answers.
import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import Provider from "oidc-provider";

const { port, clients, accounts } = JSON.parse(readFileSync(0, "utf8"));

function key(kty) {
  const pair = kty === "RSA" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ec", { namedCurve: "P-256" });
  return { ...pair.privateKey.export({ format: "jwk" }), use: "sig", alg: kty === "RSA" ? "RS256" : "ES256" };
}

const provider = new Provider(`http://localhost:${port}`, {
  clients,
  jwks: { keys: [key("RSA"), key("EC")] },
  cookies: { keys: ["not a secret: this provider is a test's"] },
  claims: {
    openid: ["sub", "sid"],
    profile: ["name", "locale"],
    email: ["email", "email_verified"],
    phone: ["phone_number", "phone_number_verified"],
    groups: ["groups"],
    acr: null,
    auth_time: null,
  },
  acrValues: ["low", "high"],
  features: {
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    devInteractions: { enabled: true },
  },
  findAccount: (_, sub) => (accounts[sub] ? { accountId: sub, claims: () => ({ ...accounts[sub], sub }) } : undefined),
  // It guards itself against calling this very machine, where the relying party of a test is.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
  pkce: { required: () => true },
  ttl: { Interaction: 600, Grant: 3600, Session: 3600, AccessToken: 600, IdToken: 600 },
});
provider.on("server_error", (_, err) => console.error(err));
for (const event of ["grant.error", "authorization.error", "end_session.error", "backchannel.error", "interaction.error", "userinfo.error"]) {
  provider.on(event, (_, err) => console.error(event, err.message, err.error_description ?? ""));
}
provider.listen(port, "localhost", () => console.log("ready"));
