import { withLabels } from '../../components/schema'
import { Notice } from '../../components/ui'
import { type Agent, LABELS } from './settings'

/** Announces that an agent was saved, with its warnings. */
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
