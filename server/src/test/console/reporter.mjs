// Prints a line of JSON for each test: its name, its duration in milliseconds, and its error or null.
import { inspect } from 'node:util'

export default async function* report(events) {
  for await (const { type, data } of events) {
    const hasRun = (type === 'test:pass' || type === 'test:fail') && data.skip === undefined
    if (hasRun) {
      const failure = data.details.error?.cause ?? data.details.error
      yield `${JSON.stringify({ name: data.name, ms: Math.round(data.details.duration_ms), error: failure ? inspect(failure) : null })}\n`
    }
  }
}
