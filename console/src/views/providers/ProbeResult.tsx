import type { Schema } from '../../api/client'
import { withLabels } from '../../components/schema'
import { Badge, Notice } from '../../components/ui'
import { milliseconds, plural } from '../../format'

const STAGES: Record<Schema<'ProbeStage'>['name'], string> = {
  resolve: 'Resolve the host name',
  connect: 'Connect',
  tls: 'Encrypt with TLS',
  authenticate: 'Authenticate',
  list_models: 'List the models',
}

const TONES = { passed: 'good', failed: 'bad', skipped: 'neutral' } as const

/** The failed stage of a test in words, such as "Connect". */
export function failedStage(report: Schema<'ProbeReport'>): string | undefined {
  const stage = report.stages.find((it) => it.status === 'failed')
  return stage && STAGES[stage.name]
}

/**
 * The result of a test, stage by stage.
 *
 * @param labels those of the fields of the form, by their paths
 */
export function ProbeResult(props: { report: Schema<'ProbeReport'>; labels: [path: string, label: string][]; isOutdated: boolean }) {
  const { report, labels } = props
  return (
    <section class="stack probe" aria-label="Result of the test">
      <Notice
        tone={report.ok ? 'good' : 'bad'}
        title={report.ok ? `The provider works. ${modelsFound(report.models.length)}` : 'The test failed'}
      >
        {props.isOutdated && <p>This was for earlier values. Test again.</p>}
      </Notice>
      <ol class="stages">
        {report.stages.map((stage) => (
          <li key={stage.name}>
            <div class="row">
              <span>{STAGES[stage.name]}</span>
              <span>
                {stage.duration_ms != null && <span class="muted">{milliseconds(stage.duration_ms)} </span>}
                <Badge tone={TONES[stage.status]}>{stage.status}</Badge>
              </span>
            </div>
            {stage.detail && <p class="muted">{withLabels(stage.detail, labels)}</p>}
            {(stage.cause || stage.fix) && (
              <dl class="facts">
                {stage.cause && (
                  <>
                    <dt>Cause</dt>
                    <dd>{withLabels(stage.cause, labels)}</dd>
                  </>
                )}
                {stage.fix && (
                  <>
                    <dt>How to correct it</dt>
                    <dd>{withLabels(stage.fix, labels)}</dd>
                  </>
                )}
              </dl>
            )}
          </li>
        ))}
      </ol>
      {report.models.length > 0 && (
        <details>
          <summary>{plural(report.models.length, 'model')}</summary>
          <ul class="model-names">
            {report.models.slice(0, 200).map((it) => (
              <li key={it.id}>
                <code>{it.id}</code>
              </li>
            ))}
          </ul>
          {report.models.length > 200 && <p class="muted">The first 200 are shown.</p>}
        </details>
      )}
    </section>
  )
}

function modelsFound(count: number): string {
  return count === 0 ? 'It lists no models.' : `It lists ${plural(count, 'model')}.`
}
