// The OpenID provider of the witness: oidc-provider, which is certified, with accounts that a test hands in. Beside it, under
// /consent, the same with its usual way to refresh tokens: offline_access is heard only together with prompt=consent (OpenID
// Connect Core, 11). And under /strict with claims at the userinfo endpoint alone (5.4).
//
//   PUT  /_accounts/{sub}   claims of somebody, as JSON
//   DELETE /_accounts/{sub} somebody is gone
//   POST /_keys             new keys to sign with; the old ones are gone

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { createServer } from "node:http";
import Provider from "oidc-provider";

const port = Number(process.argv[2]);
const origin = `http://127.0.0.1:${port}`;
const accounts = new Map();

function keys() {
  const pairs = [
    ["rsa", { modulusLength: 2048 }],
    ["ec", { namedCurve: "P-256" }],
  ];
  return { keys: pairs.map(([kind, options]) => ({ ...generateKeyPairSync(kind, options).privateKey.export({ format: "jwk" }), kid: randomUUID() })) };
}

/** What a provider remembers, by kind and id: it outlives a change of keys. */
const memory = new Map();

class Memory {
  constructor(kind) {
    this.key = (id) => `${kind}:${id}`;
  }
  async upsert(id, payload) {
    memory.set(this.key(id), payload);
  }
  async find(id) {
    return memory.get(this.key(id));
  }
  async findByUid(uid) {
    return [...memory].find(([key, payload]) => key.startsWith(this.key("")) && payload.uid === uid)?.[1];
  }
  async consume(id) {
    memory.get(this.key(id)).consumed = Math.floor(Date.now() / 1000);
  }
  async destroy(id) {
    memory.delete(this.key(id));
  }
  async revokeByGrantId(grantId) {
    [...memory].filter(([, payload]) => payload.grantId === grantId).forEach(([key]) => memory.delete(key));
  }
}

const cookieKeys = [randomUUID()];

// What an installation has to change for Frontdesk, which reads the ID token alone.
const told = { conformIdTokenClaims: false };

function provider(issuer, base, changes) {
  const made = new Provider(issuer, {
    adapter: Memory,
    jwks: keys(),
    cookies: { keys: cookieKeys },
    claims: { openid: ["sub"], profile: ["name", "objectsid", "groups"], email: ["email"] },
    findAccount: (_, sub) => (accounts.has(sub) ? { accountId: sub, claims: () => ({ ...accounts.get(sub), sub }) } : undefined),
    // Whoever registers is the company's own application, which nobody is asked about.
    loadExistingGrant: async (ctx) => {
      const { client, session, provider } = ctx.oidc;
      const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
      grant.addOIDCScope("openid profile email offline_access");
      await grant.save();
      return grant;
    },
    interactions: { url: (_, interaction) => `${base}/interaction/${interaction.uid}` },
    features: { devInteractions: { enabled: false }, registration: { enabled: true } },
    enabledJWA: { idTokenSigningAlgValues: ["RS256", "PS256", "ES256"] },
    rotateRefreshToken: true,
    ...changes,
  });
  made.on("server_error", (_, error) => console.error(error));
  return made;
}

const usual = () =>
  provider(origin, "", {
    ...told,
    issueRefreshToken: (_, client) => client.grantTypeAllowed("refresh_token"),
  });
const providers = {
  "": usual(),
  "/consent": provider(`${origin}/consent`, "/consent", told),
  "/strict": provider(`${origin}/strict`, "/strict", {}),
};

async function body(request) {
  const chunks = [];
  for await (const chunk of request) {
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** The page on which somebody says who they are, as the demo of our own sandbox has one: there is no password. */
async function interaction(provider, request, response) {
  const { prompt } = await provider.interactionDetails(request, response);
  if (request.method !== "POST") {
    response.setHeader("content-type", "text/html");
    return response.end(`<!doctype html><title>${prompt.name}</title><form method="post"><input name="account"><button>Sign in</button></form>`);
  }
  if (prompt.name === "consent") {
    return provider.interactionFinished(request, response, { consent: {} }, { mergeWithLastSubmission: true });
  }
  const account = new URLSearchParams(await body(request)).get("account");
  const result = accounts.has(account) ? { login: { accountId: account } } : { error: "access_denied" };
  return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

/** What a test changes. */
async function control(request, response, name) {
  switch (`${request.method} ${name}`) {
    case "PUT accounts":
      accounts.set(request.url.split("/").pop(), JSON.parse(await body(request)));
      break;
    case "DELETE accounts":
      accounts.delete(request.url.split("/").pop());
      break;
    case "POST keys":
      providers[""] = usual();
      break;
    default:
      response.statusCode = 404;
  }
  response.end();
}

createServer(async (request, response) => {
  try {
    const [, name] = request.url.match(/^\/_(\w+)/) ?? [];
    if (name) {
      return await control(request, response, name);
    }
    const base = Object.keys(providers).find((base) => base && request.url.startsWith(`${base}/`)) ?? "";
    const provider = providers[base];
    if (request.url.startsWith(`${base}/interaction/`)) {
      return await interaction(provider, request, response);
    }
    // As frameworks do that mount one application in another; the provider looks for it.
    request.originalUrl = request.url;
    request.url = request.url.slice(base.length);
    return provider.callback()(request, response);
  } catch (error) {
    console.error(error);
    response.statusCode = 500;
    return response.end(String(error));
  }
}).listen(port, "127.0.0.1");
