import { useEffect, useRef } from 'preact/hooks'
import { CheckField, TextField } from '../../components/fields'
import { type OptionErrors, summaryOf, type TypedOptions } from './options'

const TOOLS_EXAMPLE = `[{"name": "weather", "description": "The weather of a city.",
  "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}}]`
const SCHEMA_EXAMPLE = `{"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false}`

/** The members of the requests beside the conversation. */
export function OptionsPanel(props: {
  options: TypedOptions
  errors: OptionErrors
  onInput: (change: Partial<TypedOptions>) => void
}) {
  const { options, errors, onInput } = props
  const details = useRef<HTMLDetailsElement>(null)
  useEffect(() => {
    if (Object.keys(errors).length === 0 || !details.current) return
    details.current.open = true
    details.current.querySelector<HTMLElement>('[aria-invalid]')?.focus()
  }, [errors])

  const set = (name: keyof TypedOptions) => (value: string) => onInput({ [name]: value })
  const summary = summaryOf(options)
  return (
    <details class="playground-options" ref={details}>
      <summary>
        Options {summary && <span class="muted">{summary}</span>}
      </summary>
      <div class="stack">
        <TextField
          label="System message"
          hint="An agent's own system prompt comes before it."
          multiline={3}
          value={options.system}
          onInput={set('system')}
        />
        <div class="pair">
          <TextField
            label="Temperature"
            hint="From 0 to 2."
            error={errors.temperature}
            value={options.temperature}
            onInput={set('temperature')}
          />
          <TextField
            label="Maximum output tokens"
            hint="Reasoning included."
            error={errors.maxTokens}
            value={options.maxTokens}
            onInput={set('maxTokens')}
          />
        </div>
        <TextField
          label="Tools"
          hint="A JSON array of functions. You type the results of the calls yourself."
          error={errors.tools}
          multiline={4}
          isCode
          placeholder={TOOLS_EXAMPLE}
          value={options.tools}
          onInput={set('tools')}
        />
        <TextField
          label="JSON schema of the answer"
          error={errors.schema}
          multiline={4}
          isCode
          placeholder={SCHEMA_EXAMPLE}
          value={options.schema}
          onInput={set('schema')}
        />
        {options.schema.trim() !== '' && (
          <CheckField
            label="Strict"
            hint="OpenAI's models then keep exactly to the schema, which must have additionalProperties: false and require every property."
            isChecked={options.isStrict}
            onInput={(isStrict) => onInput({ isStrict })}
          />
        )}
        <TextField
          label="Other members of the request"
          hint={<>A JSON object, such as {'{"top_p": 0.9, "reasoning_effort": "low"}'}.</>}
          error={errors.other}
          multiline={2}
          isCode
          value={options.other}
          onInput={set('other')}
        />
      </div>
    </details>
  )
}
