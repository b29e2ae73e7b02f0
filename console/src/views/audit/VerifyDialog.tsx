import { useState } from 'preact/hooks'
import { api, type Schema, unwrap } from '../../api/client'
import { Form, TextField } from '../../components/fields'
import { isUnder } from '../../components/schema'
import { errorUnder } from '../../components/SchemaForm'
import { FormFailure } from '../../components/states'
import { Button, CopyLine, Dialog, Notice } from '../../components/ui'
import { plural } from '../../format'
import { useAction } from '../../hooks'
import { parseHead } from './head'

type Report = Schema<'AuditReport'>

/** Verifies the audit trail, on demand against an earlier head. */
export function VerifyDialog(props: { onClose: () => void }) {
  const [text, setText] = useState('')
  const [malformed, setMalformed] = useState<string>()
  const [report, setReport] = useState<{ value: Report; isCompared: boolean }>()
  const action = useAction(async () => {
    setReport(undefined)
    const expected = parseHead(text)
    setMalformed(text.trim() && !expected ? 'Paste a head, such as 42:9f86d0…, with all 64 digits of the hash.' : undefined)
    if (text.trim() && !expected) return
    const value = await unwrap(api.POST('/api/audit/verify', { body: { expected } }))
    setReport({ value, isCompared: expected !== undefined })
  })
  return (
    <Dialog title="Verify the audit trail" onClose={props.onClose}>
      <p>
        Each event contains a hash of itself and of the event before it. This recomputes every hash, which detects events
        that were changed, removed or added in the database.
      </p>
      <Form onSubmit={action.run} failure={action.failure ?? malformed}>
        <TextField
          label="Earlier head"
          hint="What an earlier verification gave. It detects that the whole trail was replaced by an older one."
          isCode
          value={text}
          onInput={setText}
          error={malformed ?? errorUnder(action.failure, 'expected')}
        />
        {action.failure !== undefined && (
          <FormFailure title="Not verified" failure={action.failure} hasInput={(field) => isUnder(field, 'expected')} />
        )}
        <Button type="submit" kind="primary" isBusy={action.isRunning}>
          Verify
        </Button>
      </Form>
      {report && <Result report={report.value} isCompared={report.isCompared} />}
    </Dialog>
  )
}

function Result(props: { report: Report; isCompared: boolean }) {
  const { report } = props
  return (
    <div class="stack">
      {report.intact ? (
        <Notice tone="good" role="status" title="The trail is intact">
          <p>
            {plural(report.rows, 'event')}, none of which was changed, removed or added by hand.
            {props.isCompared && ' It contains the earlier head.'}
          </p>
          {report.unchained > 0 && (
            <p>{plural(report.unchained, 'more event')} of the last second will be part of the chain in a moment.</p>
          )}
        </Notice>
      ) : (
        <Notice
          tone="bad"
          role="alert"
          title={report.first_broken ? 'The trail is broken' : 'The trail does not contain the earlier head'}
        >
          {report.first_broken && (
            <p>
              The first broken event is <a href={`/audit/${report.first_broken.seq}`}>#{report.first_broken.seq}</a>:{' '}
              {report.first_broken.why}.
            </p>
          )}
          {report.unexpected && (
            <p>
              Event #{report.unexpected.seq}: {report.unexpected.why}.
            </p>
          )}
          <p>
            Keep the database as it is, and see <a href="/docs/audit" target="_blank">the guide on the audit trail</a>.
          </p>
        </Notice>
      )}
      <h3>The head</h3>
      <p>
        Keep it where the administrators of the database cannot change it. A later verification with it shows that the
        trail up to event {report.head.seq} is still the same.
      </p>
      <CopyLine text={`${report.head.seq}:${report.head.hash}`} label="Copy the head" />
    </div>
  )
}
