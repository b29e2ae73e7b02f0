import type { Query } from '../../hooks'
import { milliseconds, plural } from '../../format'
import { api, type Schema, unwrap } from '../../api/client'
import { useQuery } from '../../hooks'

type Health = Schema<'ProviderHealth'>

/** The health of the providers that were called in the last hour, by their ids. */
export function useHealth(): Query<Map<string, Health>> {
  return useQuery(
    'health',
    async (signal) => {
      const { data } = await unwrap(api.GET('/api/overview/providers', { signal }))
      return new Map(data.map((it) => [it.id, it]))
    },
    30_000,
  )
}

/** The health of a provider in words. */
export function healthOf(health: Health | undefined): { tone: 'good' | 'bad' | 'neutral'; label: string; detail?: string } {
  if (!health) return { tone: 'neutral', label: 'No calls in the last hour' }
  const detail = [
    plural(health.calls, 'call'),
    health.failed > 0 && `${health.failed} failed`,
    health.p50_ms != null && `median ${milliseconds(health.p50_ms)}`,
  ]
    .filter(Boolean)
    .join(', ')
  if (health.open_breaker) return { tone: 'bad', label: 'Circuit breaker open', detail }
  if (health.failing) return { tone: 'bad', label: 'Failing', detail }
  if (health.calls === 0) return { tone: 'neutral', label: 'No calls in the last hour' }
  return { tone: 'good', label: 'Healthy', detail }
}
