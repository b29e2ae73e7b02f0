import { withLabels } from './schema'
import { Notice } from './ui'

/**
 * Announces that an object was saved, with its warnings.
 *
 * @param labels of the fields that warnings can name
 */
export function SavedNotice(props: {
  saved: { revision: number; warnings?: string[] | null }
  labels: [path: string, label: string][]
}) {
  const warnings = props.saved.warnings ?? []
  return (
    <Notice tone={warnings.length > 0 ? 'warn' : 'good'} title={`Saved as revision ${props.saved.revision}`}>
      {warnings.map((it) => (
        <p key={it}>{withLabels(it, props.labels)}</p>
      ))}
    </Notice>
  )
}
