import type { Schema } from '../../api/client'

/** Reads `42:9f86…`, also in the line that the command line prints, or the JSON of the API. */
export function parseHead(text: string): Schema<'AuditHead'> | undefined {
  const match = /(\d+)\D+?([0-9a-f]{64})(?![0-9a-f])/.exec(text)
  return match ? { seq: Number(match[1]), hash: match[2]! } : undefined
}
