import { useState } from 'preact/hooks'
import { SelectField } from '../../components/fields'
import { CodeBlock, CopyButton, Dialog, Tabs } from '../../components/ui'
import { useSignedIn } from '../../session'
import { type ChatRequestBody, type Language, LANGUAGES, shortened, snippetOf } from './snippets'

/** The request of a column as a program. */
export function CopyAs(props: { requests: ChatRequestBody[]; onClose: () => void }) {
  const [language, setLanguage] = useState<Language>('curl')
  const [column, setColumn] = useState(0)
  const { origin } = useSignedIn().session
  const request = props.requests[column] ?? props.requests[0]!
  const program = snippetOf(language, request)
  const shown = shortened(program)
  const label = LANGUAGES.find((it) => it.id === language)!.label
  return (
    <Dialog title="Copy the request" wide onClose={props.onClose}>
      {props.requests.length > 1 && (
        <SelectField
          label="Model"
          isRequired
          value={String(column)}
          onInput={(value) => setColumn(Number(value))}
          options={props.requests.map((it, index) => ({ value: String(index), label: it.model }))}
        />
      )}
      <p>
        Set the address and a key once. <a href={`/connect?model=${encodeURIComponent(request.model)}`}>Add a key</a>
      </p>
      <CodeBlock
        label="Variables"
        code={`export OPENAI_BASE_URL='${origin}/v1'\nexport OPENAI_API_KEY='<an agent-lab key>'`}
      />
      <Tabs label="Language" tabs={LANGUAGES} selected={language} onSelect={setLanguage}>
        {program === shown ? (
          <CodeBlock label={`The request in ${label}`} code={program} />
        ) : (
          <div class="stack">
            <p>
              The images are shortened here and complete in what is copied. <CopyButton text={program} label="Copy all" />
            </p>
            <pre class="as-text" tabIndex={0} role="region" aria-label={`The request in ${label}`}>
              {shown}
            </pre>
          </div>
        )}
      </Tabs>
    </Dialog>
  )
}
