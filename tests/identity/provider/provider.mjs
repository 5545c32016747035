// An OpenID-certified provider on loopback (npm oidc-provider), for tests alone.
//
// node provider.mjs '{"clients": [...], "accounts": {"id": {"name": ..., "groups": [...]}}}'
// prints {"issuer": ...} once it answers, then obeys one JSON command a line from stdin and prints
// one line for each: {"rotate": true} signs by a new key from then on; {"accounts": {...}} replaces
// the accounts; {"systems": {...}} gives claims to tokens of systems.
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import Provider from "oidc-provider";

const options = JSON.parse(process.argv[2]);
let accounts = options.accounts;
let systems;
let serial = 0;

function signingKey() {
  // The first may be one that the test has too, so that it can say what this issuer would.
  if (serial === 0 && options.key) { serial = 1; return options.key; }
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  serial += 1;
  return { ...privateKey.export({ format: "jwk" }), kid: `sig-${serial}`, use: "sig", alg: "ES256" };
}

const store = new Map();
class Adapter {
  // Kept when keys are rotated, unlike the provider's own memory.
  constructor(model) { this.model = model; }
  key(id) { return `${this.model}:${id}`; }
  async upsert(id, payload) { store.set(this.key(id), payload); }
  async find(id) { return store.get(this.key(id)); }
  async findByUserCode(userCode) { return this.first((one) => one.userCode === userCode); }
  async findByUid(uid) { return this.first((one) => one.uid === uid); }
  first(test) {
    for (const [key, payload] of store) {
      if (key.startsWith(`${this.model}:`) && test(payload)) return payload;
    }
    return undefined;
  }
  async consume(id) { store.get(this.key(id)).consumed = Math.floor(Date.now() / 1000); }
  async destroy(id) { store.delete(this.key(id)); }
  async revokeByGrantId(grantId) {
    for (const [key, payload] of store) if (payload.grantId === grantId) store.delete(key);
  }
}

function makeProvider(issuer, keys) {
  const provider = new Provider(issuer, {
    adapter: Adapter,
    clients: options.clients,
    clientDefaults: {
      id_token_signed_response_alg: "ES256",
      grant_types: ["authorization_code", "refresh_token"],
    },
    jwks: { keys },
    cookies: { keys: ["only for tests"], names: {
      session: `_session_${new URL(issuer).port}`,
      interaction: `_interaction_${new URL(issuer).port}`,
      resume: `_resume_${new URL(issuer).port}`,
    } },
    pkce: { required: () => true },
    acrValues: ["urn:xinyin:one", "urn:xinyin:two"],
    claims: { openid: ["sub"], profile: ["name", "groups", "family_name", "given_name"], acr: null, auth_time: null, sid: null },
    conformIdTokenClaims: false,
    scopes: ["openid", "profile", "offline_access"],
    issueRefreshToken: async () => true,
    enabledJWA: { idTokenSigningAlgValues: ["ES256"], dPoPSigningAlgValues: ["ES256"] },
    features: {
      devInteractions: { enabled: false },
      dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 7), requireNonce: () => !!options.nonce },
      deviceFlow: { enabled: true },
      clientCredentials: { enabled: true },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: { enabled: true },
      revocation: { enabled: true },
      // By a header, since it speaks plain HTTP: which certificate the client would show.
      mTLS: {
        enabled: true,
        certificateBoundAccessTokens: true,
        getCertificate: (ctx) => {
          const der = ctx.get("x-test-certificate");
          return der ? new X509Certificate(Buffer.from(der, "base64")) : undefined;
        },
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => true,
        getResourceServerInfo: (_, resource) => ({
          scope: "issuing scim", audience: resource, accessTokenFormat: "jwt", accessTokenTTL: 300,
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
    findAccount: (_, id) => accounts[id] && {
      accountId: id,
      claims: () => ({ sub: id, ...accounts[id] }),
    },
    extraTokenClaims: (context, token) => {
      const account = accounts[token.accountId] || systems;
      const code = context.oidc.entities.AuthorizationCode; // RFC 9068 2.2.1
      const signIn = code ? { acr: code.acr, auth_time: code.authTime } : {};
      return account ? { groups: account.groups, name: account.name, ...signIn } : undefined;
    },
    ttl: { Session: 3600, Interaction: 600, Grant: 3600, IdToken: 300, AccessToken: 300,
      RefreshToken: 3600, DeviceCode: 300, ClientCredentials: 300, AuthorizationCode: 60 },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    // Its guard against requests to this machine would keep it from telling us of sign-outs.
    fetch: (url, { dispatcher, ...rest }) => fetch(url, rest),
  });
  provider.on("server_error", (_, error) => console.error(error));
  provider.on("backchannel.error", (_, error) => console.error("backchannel", error));
  return provider;
}

async function form(request) {
  let body = "";
  for await (const chunk of request) body += chunk;
  return new URLSearchParams(body);
}

// Who signs in is said by a form: account, acr, and `deny` for somebody who says no.
async function interact(provider, request, response) {
  const details = await provider.interactionDetails(request, response);
  if (request.method === "GET") {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>Provider</title><form method="post">
      <label>Account <input name="account"></label><button>Sign in</button></form>`);
    return;
  }
  const asked = await form(request);
  if (asked.has("deny")) {
    await provider.interactionFinished(request, response, { error: "access_denied" });
    return;
  }
  const accountId = asked.get("account") || details.session?.accountId;
  const grant = details.grantId
    ? await provider.Grant.find(details.grantId)
    : new provider.Grant({ accountId, clientId: details.params.client_id });
  grant.addOIDCScope("openid profile offline_access");
  if (details.params.resource) grant.addResourceScope(details.params.resource, "issuing");
  await provider.interactionFinished(request, response, {
    login: { accountId, acr: asked.get("acr") || "urn:xinyin:one", amr: ["pwd"] },
    consent: { grantId: await grant.save() },
  }, { mergeWithLastSubmission: false });
}

const server = createServer();
server.listen(options.port || 0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const keys = [signingKey()];
  let provider = makeProvider(issuer, keys);
  server.on("request", (request, response) => {
    const handled = request.url.startsWith("/interaction/")
      ? interact(provider, request, response)
      : provider.callback()(request, response);
    Promise.resolve(handled).catch((error) => {
      console.error(error);
      response.statusCode = 500;
      response.end();
    });
  });
  createInterface({ input: process.stdin }).on("line", (line) => {
    const command = JSON.parse(line);
    if (command.accounts) accounts = command.accounts;
    if (command.systems) systems = command.systems;
    if (command.rotate) {
      keys.unshift(signingKey());
      if (command.forget) keys.length = 1;
      provider = makeProvider(issuer, [...keys]);
    }
    console.log(JSON.stringify({ done: true, kid: keys[0].kid }));
  }).on("close", () => process.exit(0));
  console.log(JSON.stringify({ issuer }));
});
