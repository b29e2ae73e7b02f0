// An identity provider with the OpenID Connect authorization code flow and PKCE. Its page signs the user in without a password.
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { createServer } from 'node:http'

// One for all flows: the service keeps the key of the issuer.
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'ES256', use: 'sig' }

/**
 * Starts an identity provider at the issuer that the service is configured with. Its fields can be changed while it runs:
 * `claims` are those of the user, and with `isDenying` it denies every sign-in.
 *
 * @param {string} issuer an http URL of this machine
 * @param {string} clientId the id of the service there
 */
export async function startIdentityProvider(issuer, clientId, claims) {
  const codes = new Map()
  const provider = { claims, isDenying: false }

  const token = (more) => {
    const now = Math.floor(Date.now() / 1000)
    const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const content = `${encode({ alg: 'ES256', kid: 'test', typ: 'JWT' })}.${encode({ iss: issuer, aud: clientId, iat: now, exp: now + 300, ...provider.claims, ...more })}`
    const signature = sign('sha256', Buffer.from(content), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    return `${content}.${signature.toString('base64url')}`
  }

  const routes = {
    '/.well-known/openid-configuration': () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['ES256'],
      code_challenge_methods_supported: ['S256'],
      scopes_supported: ['openid', 'profile'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
    }),
    '/jwks': () => ({ keys: [jwk] }),
    '/authorize': (query) => {
      const back = new URL(query.get('redirect_uri'))
      back.searchParams.set('state', query.get('state'))
      if (provider.isDenying) {
        back.searchParams.set('error', 'access_denied')
      } else {
        const code = randomUUID()
        codes.set(code, { challenge: query.get('code_challenge'), nonce: query.get('nonce') })
        back.searchParams.set('code', code)
      }
      return back
    },
    '/token': (_, form) => {
      const asked = codes.get(form.get('code'))
      codes.delete(form.get('code'))
      const challenge = createHash('sha256').update(form.get('code_verifier') ?? '').digest('base64url')
      if (!asked || challenge !== asked.challenge) return null
      return { access_token: token({}), id_token: token({ nonce: asked.nonce }), token_type: 'Bearer', expires_in: 300 }
    },
  }

  const server = createServer((request, response) => {
    const url = new URL(request.url, issuer)
    let body = ''
    request.on('data', (it) => (body += it))
    request.on('end', () => {
      const answer = routes[url.pathname]?.(url.searchParams, new URLSearchParams(body))
      if (answer instanceof URL) response.writeHead(302, { Location: answer.href }).end()
      else response.writeHead(answer ? 200 : 400, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer ?? { error: 'invalid_grant' }))
    })
  })
  await new Promise((resolve) => server.listen(new URL(issuer).port, '127.0.0.1', resolve))
  return Object.assign(provider, {
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
