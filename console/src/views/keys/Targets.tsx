import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { TextField } from '../../components/fields'
import { Button } from '../../components/ui'
import { useSuggestions } from '../../suggestions'
import { useModels } from '../providers/data'
import type { Grant } from './scopes'

/** One thing that a key may call, while it is chosen. */
export interface Target {
  id: number
  kind: Exclude<Grant['kind'], 'whole'>
  name: string
  /** For models only. */
  pattern: string
}

let lastId = 0

export function newTarget(kind: Target['kind']): Target {
  return { id: ++lastId, kind, name: '', pattern: kind === 'models' ? '*' : '' }
}

export function grantOf(target: Target): Grant {
  switch (target.kind) {
    case 'agent':
      return { kind: 'agent', agent: target.name }
    case 'route':
      return { kind: 'route', route: target.name }
    case 'models':
      return { kind: 'models', provider: target.name, pattern: target.pattern }
    default:
      return { kind: target.kind, provider: target.name }
  }
}

const KINDS: Record<Target['kind'], { add: string; title: string; label: string; hint: string }> = {
  agent: { add: 'Add agent', title: 'Agent', label: 'Name or id of an agent', hint: 'Runs this agent, but calls no model directly.' },
  route: { add: 'Add route', title: 'Route', label: 'Name or id of a route', hint: 'Calls this route, but not its agents and models directly.' },
  provider: { add: 'Add provider', title: 'Provider', label: 'Name of a provider', hint: 'Calls every model of this provider, but runs no agent.' },
  models: { add: 'Add models', title: 'Models', label: 'Name of the provider of the models', hint: 'Calls its models whose name matches the pattern.' },
  proxy: { add: 'Add provider', title: 'Provider', label: 'Name of a provider', hint: 'Uses the raw API of this provider.' },
}

/** Where the names that a target can have are listed. */
const LISTS = { agent: 'agents', route: 'routes', provider: 'providers', models: 'providers', proxy: 'providers' } as const

/** The list of what a key may call, with a button for each kind that can be added. */
export function Targets(props: {
  kinds: Target['kind'][]
  targets: Target[]
  onChange: (targets: Target[]) => void
  errorOf: (target: Target) => string | undefined
  /** That of the list as a whole. */
  error?: ComponentChildren
}) {
  const [added, setAdded] = useState<number>()
  const add = (kind: Target['kind']) => {
    const target = newTarget(kind)
    setAdded(target.id)
    props.onChange([...props.targets, target])
  }
  const change = (id: number, changes: Partial<Target>) =>
    props.onChange(props.targets.map((it) => (it.id === id ? { ...it, ...changes } : it)))
  return (
    <div class="targets">
      {props.targets.map((target) => (
        <TargetFields
          key={target.id}
          target={target}
          isNew={target.id === added}
          error={props.errorOf(target)}
          onChange={(changes) => change(target.id, changes)}
          onRemove={() => props.onChange(props.targets.filter((it) => it.id !== target.id))}
        />
      ))}
      {props.error}
      <div class="actions">
        {props.kinds.map((kind) => (
          <Button key={kind} icon="plus" onClick={() => add(kind)}>
            {KINDS[kind].add}
          </Button>
        ))}
      </div>
    </div>
  )
}

function TargetFields(props: {
  target: Target
  /** A target that was just added takes the focus. */
  isNew: boolean
  error?: string
  onChange: (changes: Partial<Target>) => void
  onRemove: () => void
}) {
  const { target } = props
  const group = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (props.isNew) group.current?.querySelector('input')?.focus()
  }, [])
  const suggestions = useSuggestions(LISTS[target.kind], target.name)
  const isKnown = target.kind === 'models' && suggestions.includes(target.name)
  const models = useModels(isKnown ? target.name : undefined)
  const { title, label, hint } = KINDS[target.kind]
  return (
    <div class="target" role="group" ref={group} aria-label={title}>
      <TextField
        label={label}
        hint={hint}
        isRequired
        value={target.name}
        onInput={(name) => props.onChange({ name })}
        suggestions={suggestions}
        error={props.error}
        button={<Button kind="quiet" icon="x" onClick={props.onRemove} aria-label={`Remove ${target.name || title}`} />}
      />
      {target.kind === 'models' && (
        <TextField
          label="Models"
          hint={<>The name of a model, or a pattern such as <code>gpt-4*</code>, in which <code>*</code> matches any characters.</>}
          isRequired
          isCode
          maxLength={300}
          value={target.pattern}
          suggestions={models.value?.data.map((it) => it.id)}
          onInput={(pattern) => props.onChange({ pattern })}
        />
      )}
    </div>
  )
}
