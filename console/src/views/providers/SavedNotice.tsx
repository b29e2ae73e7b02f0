import { withLabels } from '../../components/schema'
import { Notice } from '../../components/ui'
import type { SavedProvider } from './ProviderForm'

/**
 * Announces that a provider was saved, with its warnings.
 *
 * @param labels those of the fields of the form, by their paths
 */
export function SavedNotice({ saved, labels }: { saved: SavedProvider; labels: [path: string, label: string][] }) {
  const warnings = saved.value.warnings ?? []
  const hasWarnings = warnings.length > 0 || saved.failedStage !== undefined
  return (
    <Notice tone={hasWarnings ? 'warn' : 'good'} title="Saved">
      {saved.failedStage !== undefined && <p>The last test of these values failed at: {saved.failedStage}.</p>}
      {warnings.map((it) => (
        <p key={it}>{withLabels(it, labels)}</p>
      ))}
    </Notice>
  )
}
