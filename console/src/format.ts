const RELATIVE = new Intl.RelativeTimeFormat('en')
const EXACT = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
const CLOCK = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const CLOCK_WITH_SECONDS = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const NUMBER = new Intl.NumberFormat('en')

// Each unit up to its limit, so that a key of 24 hours or of 60 days is not shown as expiring in a day or in 2 months.
const UNITS: { unit: Intl.RelativeTimeFormatUnit; seconds: number; below: number }[] = [
  { unit: 'second', seconds: 1, below: 60 },
  { unit: 'minute', seconds: 60, below: 60 },
  { unit: 'hour', seconds: 3600, below: 48 },
  { unit: 'day', seconds: 86_400, below: 61 },
  { unit: 'month', seconds: 2_629_746, below: 24 },
  { unit: 'year', seconds: 31_556_952, below: Infinity },
]

/** A time beside now, such as "3 minutes ago", rounded to the nearest. */
export function relativeTime(at: string, now = Date.now()): string {
  const seconds = (Date.parse(at) - now) / 1000
  if (Math.abs(seconds) < 5) return 'just now'
  const { unit, seconds: length } = UNITS.find((it) => Math.round(Math.abs(seconds) / it.seconds) < it.below)!
  return RELATIVE.format(Math.sign(seconds) * Math.round(Math.abs(seconds) / length), unit)
}

/** A time in the reader's time zone. */
export function exactTime(at: string): string {
  return EXACT.format(new Date(at))
}

export function count(value: number): string {
  return NUMBER.format(value)
}

/** `1 agent`, `2 agents`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** A duration in milliseconds, such as "840 ms" or "2.4 s". */
export function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(value < 10_000 ? 1 : 0)} s`
}

const SPANS = [
  { name: 'd', seconds: 86_400 },
  { name: 'h', seconds: 3600 },
  { name: 'min', seconds: 60 },
  { name: 's', seconds: 1 },
]

/** A duration in milliseconds that can be long, in its two largest units, such as "2 h 5 min". */
export function timeSpan(value: number): string {
  let rest = Math.round(value / 1000)
  if (rest < 60) return milliseconds(value)
  const first = SPANS.findIndex((it) => it.seconds <= rest)
  const parts = SPANS.slice(first, first + 2).map(({ name, seconds }) => {
    const number = Math.floor(rest / seconds)
    rest -= number * seconds
    return number > 0 && `${number} ${name}`
  })
  return parts.filter(Boolean).join(' ')
}

/** The tokens of a request and of its answer. */
export function tokenCounts(input: number | null | undefined, output: number | null | undefined): string {
  return `${count(input ?? 0)} in, ${count(output ?? 0)} out`
}

/** The hours and minutes of a time, in the reader's time zone. */
export function clockTime(at: number): string {
  return CLOCK.format(at)
}

/**
 * Times at equal steps along an axis: days, or the hours and minutes, with the seconds where the steps are shorter.
 *
 * @param step between two times, in seconds
 */
export function axisTimes(times: number[], step: number): string[] {
  const format = step >= 86_400 ? DAY : step >= 60 ? CLOCK : CLOCK_WITH_SECONDS
  return times.map((it) => format.format(it))
}

/**
 * A message of the service as a sentence: it begins as if after the name of a field, such as "must be a number".
 * A first word with other characters than letters is a name and keeps its case.
 */
export function sentence(message: string): string {
  const text = withFullStop(message)
  return /^[a-z]+[\s,;.]/.test(text) ? capitalized(text) : text
}

export function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

/** A message of the service after the name of its field. */
export function withFullStop(message: string): string {
  const text = message.trim()
  return text === '' || /[.!?…:]$/.test(text) ? text : `${text}.`
}

/** The parts of a text of the service, in which backticks mark code. */
export function codeParts(text: string): { text: string; isCode: boolean }[] {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (/^`[^`]+`$/.test(part) ? { text: part.slice(1, -1), isCode: true } : { text: part, isCode: false }))
    .filter((part) => part.text !== '')
}

/** The time a number of days from now, as the API takes it. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString()
}

export function percent(part: number, whole: number): string {
  return whole === 0 ? '0 %' : `${((100 * part) / whole).toFixed(part > 0 && part / whole < 0.1 ? 1 : 0)} %`
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Whether a text that names an object is its id. */
export function isId(text: string): boolean {
  return UUID.test(text)
}
