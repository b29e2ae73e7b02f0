/** A line that both texts have, or only the older or the newer one. */
export interface DiffLine {
  change: 'same' | 'removed' | 'added'
  text: string
}

/** Above this number of pairs of lines a comparison takes too long. */
const MAX_PAIRS = 4_000_000

/** The shortest list of removed and added lines that makes one text of the other. */
export function diffLines(before: string[], after: string[]): DiffLine[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  while (
    end < before.length - start &&
    end < after.length - start &&
    before[before.length - 1 - end] === after[after.length - 1 - end]
  ) {
    end++
  }
  const same = (text: string): DiffLine => ({ change: 'same', text })
  return [
    ...before.slice(0, start).map(same),
    ...changedLines(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(same),
  ]
}

/** By the longest common subsequence. */
function changedLines(before: string[], after: string[]): DiffLine[] {
  const removed = (text: string): DiffLine => ({ change: 'removed', text })
  const added = (text: string): DiffLine => ({ change: 'added', text })
  if (before.length * after.length > MAX_PAIRS) return [...before.map(removed), ...after.map(added)]
  // lengths[i][j] is the length for the lines from i and from j.
  const lengths = Array.from({ length: before.length + 1 }, () => new Uint32Array(after.length + 1))
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      lengths[i]![j] =
        before[i] === after[j] ? lengths[i + 1]![j + 1]! + 1 : Math.max(lengths[i + 1]![j]!, lengths[i]![j + 1]!)
    }
  }
  const lines: DiffLine[] = []
  let i = 0
  let j = 0
  while (i < before.length && j < after.length) {
    if (before[i] === after[j]) {
      lines.push({ change: 'same', text: before[i]! })
      i++
      j++
    } else if (lengths[i + 1]![j]! >= lengths[i]![j + 1]!) lines.push(removed(before[i++]!))
    else lines.push(added(after[j++]!))
  }
  return [...lines, ...before.slice(i).map(removed), ...after.slice(j).map(added)]
}

/** A value as JSON whose members are in the order of their names, so that two values can be compared. */
export function sortedJson(value: unknown): string {
  return JSON.stringify(sorted(value), null, 2) ?? ''
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => [name, sorted(member)]),
  )
}
