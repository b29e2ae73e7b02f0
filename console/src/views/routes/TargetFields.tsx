import { fieldError, TextField } from '../../components/fields'
import { Button, Notice } from '../../components/ui'
import { percent } from '../../format'
import { useSuggestions } from '../../suggestions'
import { useDeclaredModels, useModels } from '../providers/data'
import { NEW_TARGET, sharesOf, type TargetDraft } from './settings'

/** The targets of a route, as rows in the order in which they are stored. */
export function TargetFields(props: {
  targets: TargetDraft[]
  failure: unknown
  onInput: (targets: TargetDraft[]) => void
}) {
  const { targets, failure } = props
  const shares = sharesOf(targets)
  const replace = (index: number, changes: Partial<TargetDraft>) =>
    props.onInput(targets.map((it, i) => (i === index ? { ...it, ...changes } : it)))
  const add = (kind: TargetDraft['kind']) => {
    const priority = targets.at(-1)?.priority ?? '1'
    props.onInput([...targets, { ...NEW_TARGET, kind, priority }])
  }
  const error = fieldError(failure, 'config.targets')
  return (
    <fieldset class="route-targets">
      <legend>Targets</legend>
      <p class="hint">Targets of the lowest priority come first. Among those of one priority, calls are drawn by weight.</p>
      {error && <Notice tone="bad" title={error} />}
      <ol>
        {targets.map((it, index) => (
          <Target
            key={index}
            number={index + 1}
            target={it}
            share={shares[index]}
            error={(member) => fieldError(failure, `config.targets[${index}]${member && `.${member}`}`)}
            onInput={(changes) => replace(index, changes)}
            onRemove={targets.length > 1 ? () => props.onInput(targets.filter((_, i) => i !== index)) : undefined}
          />
        ))}
      </ol>
      <div class="actions">
        <Button icon="plus" onClick={() => add('model')}>
          Add model
        </Button>
        <Button icon="plus" onClick={() => add('agent')}>
          Add agent
        </Button>
      </div>
    </fieldset>
  )
}

function Target(props: {
  number: number
  target: TargetDraft
  share?: number
  /** The error of a member; of the target itself for the empty name. */
  error: (member: string) => string | undefined
  onInput: (changes: Partial<TargetDraft>) => void
  onRemove?: () => void
}) {
  const { number, target, error, onInput } = props
  const isModel = target.kind === 'model'
  const names = useSuggestions(isModel ? 'providers' : 'agents', target.name)
  const provider = isModel && names.includes(target.name) ? target.name : ''
  const listed = useModels(provider || undefined)
  const declared = useDeclaredModels(provider || undefined)
  const whole = error('')
  return (
    <li>
      <fieldset class="route-target">
        <legend>
          {number}. {isModel ? 'Model' : 'Agent'}
        </legend>
        {whole && <Notice tone="bad" title={whole} />}
        <div class="row">
          <TextField
            label={isModel ? 'Provider' : 'Agent'}
            isRequired
            value={target.name}
            suggestions={names}
            error={isModel ? (error('provider') ?? error('provider_id')) : (error('agent') ?? error('agent_id'))}
            onInput={(name) => onInput({ name })}
          />
          {isModel && (
            <TextField
              label="Model"
              isRequired
              isCode
              value={target.model}
              suggestions={[...new Set([...declared, ...(listed.value?.data.map((it) => it.id) ?? [])])]}
              error={error('model')}
              onInput={(model) => onInput({ model })}
            />
          )}
        </div>
        <div class="row numbers">
          <TextField
            label="Weight"
            isRequired
            type="number"
            min={1}
            max={10_000}
            value={target.weight}
            error={error('weight')}
            onInput={(weight) => onInput({ weight })}
          />
          <TextField
            label="Priority"
            isRequired
            type="number"
            min={1}
            max={100}
            value={target.priority}
            error={error('priority')}
            onInput={(priority) => onInput({ priority })}
          />
          <p class="share">
            {props.share !== undefined && (
              <>
                <strong>{percent(props.share, 100)}</strong> of the calls of this priority
              </>
            )}
          </p>
          {props.onRemove && (
            <Button kind="quiet" icon="trash" aria-label={`Remove target ${number}`} onClick={props.onRemove}>
              Remove
            </Button>
          )}
        </div>
      </fieldset>
    </li>
  )
}
