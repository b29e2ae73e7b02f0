import { withLabels } from '../../components/schema'
import { Notice } from '../../components/ui'
import { type Agent, LABELS } from './settings'

/** Says that an agent was saved, and with what warnings. */
export function SavedNotice({ agent }: { agent: Agent }) {
  const warnings = agent.warnings ?? []
  return (
    <Notice tone={warnings.length > 0 ? 'warn' : 'good'} title={`Saved as revision ${agent.revision}`}>
      {warnings.map((it) => (
        <p key={it}>{withLabels(it, LABELS)}</p>
      ))}
    </Notice>
  )
}
