// What the flows have in common: a browser, whose pages are watched, and a client of the service's API.
import axe from 'axe-core'
import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { chromium } from 'playwright-core'

/** The address of the service, without a slash at the end. */
export const service = new URL(process.env.AGENT_LAB_URL).origin

/** The admin key of the service. */
export const adminKey = process.env.AGENT_LAB_KEY

/** Screenshots of flows that fail. */
const SCREENSHOTS = 'screenshots'

/** Flows wait for conditions, so this bounds only the failing ones. */
const ACTION_TIMEOUT_MS = 15_000
const FLOW_TIMEOUT_MS = 120_000

/** The rules of WCAG 2.2 AA. */
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

const FLAGS = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
]

let browser

async function launchedBrowser() {
  browser ??= await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // As root, Chromium has no sandbox.
    args: process.getuid() === 0 ? [...FLAGS, '--no-sandbox'] : FLAGS,
  })
  return browser
}

rmSync(SCREENSHOTS, { recursive: true, force: true })
after(() => browser?.close())

/**
 * Declares a test. Its pages must log no error, violate no content security policy, request nothing from
 * another host, and receive no status from 400 that the test does not expect.
 *
 * @param {string} claim what the test proves
 * @param {(flow: Flow) => Promise<void>} run
 */
export function flow(claim, run) {
  test(claim, { timeout: FLOW_TIMEOUT_MS }, async () => {
    const it = new Flow(claim)
    try {
      await run(it)
      it.requireNoProblems()
    } catch (failure) {
      await it.takeScreenshots()
      // What a page reported is often the cause.
      if (it.problems.length > 0 && !failure.message.includes(it.problems[0])) {
        failure.message += `\n\nreported by the pages:\n${it.problems.join('\n')}`
      }
      throw failure
    } finally {
      await it.close()
    }
  })
}

/** The browser profiles of a test, and what their pages report. */
class Flow {
  problems = []
  #claim
  #contexts = []
  #expected = []
  #cleanups = []

  constructor(claim) {
    this.#claim = claim
  }

  /** Opens a page of a new profile. `key` signs it in; `null` leaves it signed out. */
  async open({ key = adminKey, width = 1280, height = 800, theme = 'light' } = {}) {
    const context = await (await launchedBrowser()).newContext({
      baseURL: service,
      viewport: { width, height },
      colorScheme: theme,
      reducedMotion: 'reduce',
      locale: 'en-US',
      timezoneId: 'UTC',
    })
    context.setDefaultTimeout(ACTION_TIMEOUT_MS)
    this.#contexts.push(context)
    await this.#watch(context)
    if (key) await signIn(context, key)
    return context.newPage()
  }

  /** Opens another page of the same profile. */
  async openBeside(page) {
    return page.context().newPage()
  }

  /**
   * Allows a status for requests whose path matches. The test fails if none has it.
   *
   * @param {number} status
   * @param {RegExp | string} path
   */
  expect(status, path) {
    this.#expected.push({ status, path, count: 0 })
  }

  /** Runs an action when the test ends. */
  cleanUp(action) {
    this.#cleanups.push(action)
  }

  /** Allows requests to the origin of an identity provider. */
  allowOrigin(origin) {
    this.allowedOrigin = origin
  }

  requireNoProblems() {
    for (const it of this.#expected) {
      if (it.count === 0) this.problems.push(`no response had the expected status ${it.status} for ${it.path}`)
    }
    assert.equal(this.problems.join('\n'), '', `the pages reported problems:\n${this.problems.join('\n')}`)
  }

  async takeScreenshots() {
    mkdirSync(SCREENSHOTS, { recursive: true })
    const name = this.#claim.replaceAll(/\W+/g, '-')
    const pages = this.#contexts.flatMap((it) => it.pages())
    for (const [i, page] of pages.entries()) {
      const path = join(SCREENSHOTS, `${name}-${i + 1}`)
      // A page that is closing has no screenshot.
      await page.screenshot({ path: `${path}.png`, timeout: 5_000 }).catch(() => {})
      writeFileSync(`${path}.txt`, `${page.url()}\n\n${await page.locator('body').ariaSnapshot({ timeout: 5_000 }).catch(String)}\n`)
    }
  }

  async close() {
    for (const it of this.#contexts) await it.close()
    for (const it of this.#cleanups.reverse()) await it()
  }

  async #watch(context) {
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`content security policy: ${event.violatedDirective} blocked ${event.blockedURI || 'inline'}`)
      })
    })
    const report = (problem) => this.problems.push(problem)
    context.on('console', (message) => {
      // The response that it is about is watched below.
      const isStatus = /^Failed to load resource: the server responded with a status/.test(message.text())
      if (message.type() === 'error' && !isStatus) report(`console: ${message.text()} (${message.location().url})`)
    })
    context.on('weberror', (it) => report(`uncaught: ${it.error().stack ?? it.error()}`))
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url())
      if (protocol === 'data:' || protocol === 'blob:') return
      if (origin !== service && origin !== this.allowedOrigin) report(`request to another host: ${request.url()}`)
    })
    context.on('requestfailed', (request) => {
      // Stop, and leaving a page, abort requests.
      const text = request.failure()?.errorText ?? ''
      if (text !== 'net::ERR_ABORTED') report(`request failed: ${request.method()} ${request.url()} ${text}`)
    })
    context.on('response', (response) => {
      if (response.status() < 400) return
      const { pathname } = new URL(response.url())
      const known = this.#expected.filter(
        (it) => it.status === response.status() && (typeof it.path === 'string' ? it.path === pathname : it.path.test(pathname)),
      )
      for (const it of known) it.count++
      if (known.length === 0) report(`status ${response.status()}: ${response.request().method()} ${response.url()}`)
    })
  }
}

/** Signs a browser profile in. */
export async function signIn(context, key) {
  const response = await context.request.post('/api/session', { data: { key }, headers: { Origin: service } })
  assert.equal(response.status(), 201, await response.text())
}

/** Opens a view and waits until it is complete. */
export async function visit(page, path) {
  await page.goto(path)
  await settled(page)
}

/** Waits until a view has its heading and everything that it loads. */
export async function settled(page) {
  await page.getByRole('heading', { level: 1 }).first().waitFor()
  await page.waitForFunction(() => !document.querySelector('.loading'))
}

/** A text field by its label, without those whose label only contains it. */
export function field(page, label) {
  return page.getByRole('textbox', { name: label, exact: true }).or(page.getByRole('textbox', { name: `${label} optional`, exact: true }))
}

/** Calls the service's API with the admin key, and returns the JSON of the response. */
export async function call(method, path, body, headers = {}) {
  const response = await callRaw(method, path, body, headers)
  const text = await response.text()
  assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`)
  return text ? JSON.parse(text) : null
}

/** The same, and returns the response, whatever its status is. */
export function callRaw(method, path, body, headers = {}) {
  return fetch(service + path, {
    method,
    headers: { Authorization: `Bearer ${adminKey}`, ...(body && { 'Content-Type': 'application/json' }), ...headers },
    body: body && JSON.stringify(body),
  })
}

/** A simulated provider. */
export function createProvider(name, options = {}) {
  return call('POST', '/api/providers', { name, config: { name: 'simulated', options } })
}

/** An agent on the provider of a name. */
export function createAgent(name, provider, more = {}) {
  return call('POST', '/api/agents', {
    name,
    config: { provider, system_prompt: 'You answer briefly.', model: { name: 'simulated' }, ...more },
  })
}

/** A route over targets. */
export function createRoute(name, targets) {
  return call('POST', '/api/routes', { name, config: { targets } })
}

/** An API key with scopes. */
export function createKey(name, scopes) {
  return call('POST', '/api/keys', { name, scopes })
}

/** The violations of WCAG 2.2 AA on a page, one line for each element. */
export async function violations(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  const runOnly = { type: 'tag', values: WCAG }
  const found = await page.evaluate((options) => window.axe.run(document, options), { runOnly, resultTypes: ['violations'] })
  return found.violations.flatMap((it) => it.nodes.map((node) => `${it.id}: ${node.target.join(' ')}: ${node.failureSummary.replaceAll(/\s+/g, ' ')}`))
}

/** Polls until a condition is true. */
export async function until(what, condition, timeoutMs = ACTION_TIMEOUT_MS) {
  const deadline = performance.now() + timeoutMs
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, `not so after ${timeoutMs} ms: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

export { assert }
