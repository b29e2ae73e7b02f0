// Opens pages of the console in turns, and writes the milliseconds until each can be used to a file per page.
//
//   AGENT_LAB_KEYS='KEY KEY' node console.mjs URL-WITH-FEW URL-WITH-MANY ROUNDS FOLDER
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from 'playwright-core'

const [few, many, rounds, folder] = process.argv.slice(2)
const [fewKey, manyKey] = process.env.AGENT_LAB_KEYS.split(' ')

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--disable-background-networking', '--disable-quic', '--no-first-run', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])],
})

/** A new profile, with an empty cache, that is signed in. */
async function signedIn(service, key) {
  const context = await browser.newContext({ baseURL: service })
  const response = await context.request.post('/api/session', { data: { key }, headers: { Origin: service } })
  if (response.status() !== 201) throw new Error(`sign-in: ${response.status()}`)
  return context
}

/** The time from the start of the navigation until an element is visible and the main thread is free. */
async function open(context, path, ready) {
  const page = await context.newPage()
  await page.goto(path, { waitUntil: 'commit' })
  await ready(page).first().waitFor()
  const time = await page.evaluate(() => new Promise((done) => setTimeout(() => done(performance.now()))))
  await page.close()
  return time
}

const home = (page) => page.getByRole('heading', { name: 'Needs attention' }).or(page.getByRole('heading', { name: /steps/ }))
const list = (page) => page.getByRole('main').getByRole('link', { name: / provider$/ })
const record = (name, time) => appendFileSync(join(folder, name), `${Math.round(time)}\n`)

// The first round warms the service and the browser.
for (let round = 0; round <= Number(rounds); round++) {
  const contexts = [await signedIn(few, fewKey), await signedIn(many, manyKey)]
  const [a, b] = contexts
  const times = {
    static: await open(a, '/docs', (page) => page.getByRole('heading', { level: 1 })),
    cold: await open(a, '/', home),
    warm: await open(a, '/', home),
  }
  // The code of the list comes with the first page.
  await open(a, '/providers', list)
  await open(b, '/providers', list)
  times.few = await open(a, '/providers', list)
  times.many = await open(b, '/providers', list)
  if (round > 0) Object.entries(times).forEach(([name, time]) => record(name, time))
  await Promise.all(contexts.map((it) => it.close()))
}
await browser.close()
