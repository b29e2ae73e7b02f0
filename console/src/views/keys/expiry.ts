import { inDays } from '../../format'

/** The choices of when a new key expires. */
export const EXPIRIES = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In 365 days' },
  { value: 'never', label: 'Never' },
]

export const DEFAULT_EXPIRY = '90'

/** The time of a choice, as the API takes it; absent for a key that never expires. */
export function expiresAt(choice: string): string | undefined {
  return choice === 'never' ? undefined : inDays(Number(choice))
}
