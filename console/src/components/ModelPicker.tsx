import { useId, useState } from 'preact/hooks'
import type { ListedModel } from '../api/models'
import { count } from '../format'
import '../styles/model-picker.css'
import { Name } from './ui'

const MAX_SHOWN = 100

/** Chooses a route, an agent or a model by typing a part of its name: a combobox of the ARIA pattern. */
export function ModelPicker(props: {
  label: string
  /** Absent while they are not known. */
  models?: ListedModel[]
  value: string
  /** A name that is typed is selected too if it is not in the list. */
  onSelect: (id: string) => void
  error?: string
  /** Whether the label is shown, not only read. */
  hasVisibleLabel?: boolean
}) {
  const id = useId()
  const [typed, setTyped] = useState<string | null>(null)
  const [isOpen, setOpen] = useState(false)
  const [active, setActive] = useState(-1)

  const words = (typed ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const matching = (props.models ?? []).filter((it) => words.every((word) => it.id.toLowerCase().includes(word)))
  const shown = matching.slice(0, MAX_SHOWN)

  const close = () => {
    setOpen(false)
    setTyped(null)
    setActive(-1)
  }
  const choose = (model: string) => {
    close()
    if (model && model !== props.value) props.onSelect(model)
  }
  const activate = (index: number) => {
    setOpen(true)
    setActive(index)
    document.getElementById(`${id}-${index}`)?.scrollIntoView({ block: 'nearest' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && shown.length > 0) {
      event.preventDefault()
      activate(isOpen ? (active + step + shown.length) % shown.length : Math.max(0, shown.findIndex((it) => it.id === props.value)))
    } else if (event.key === 'Enter' && isOpen) {
      event.preventDefault()
      choose(shown[active]?.id ?? (typed !== null && shown.length === 1 ? shown[0]!.id : typed?.trim() ?? ''))
    } else if (event.key === 'Escape' && isOpen) {
      event.preventDefault()
      event.stopPropagation()
      close()
    }
  }

  return (
    <div class={`model-picker field ${props.error ? 'invalid' : ''}`}>
      <label for={id} class={props.hasVisibleLabel ? '' : 'visually-hidden'}>
        {props.label}
      </label>
      <input
        id={id}
        type="text"
        role="combobox"
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={isOpen && active >= 0 ? `${id}-${active}` : undefined}
        aria-invalid={props.error ? true : undefined}
        aria-describedby={props.error ? `${id}-error` : undefined}
        autocomplete="off"
        spellcheck={false}
        placeholder="Search agents, routes and models"
        value={typed ?? props.value}
        onFocus={(event) => event.currentTarget.select()}
        onClick={() => setOpen(true)}
        onBlur={() => choose(typed?.trim() ?? '')}
        onInput={(event) => {
          setTyped(event.currentTarget.value)
          setOpen(true)
          setActive(-1)
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={`${id}-list`} role="listbox" aria-label={props.label} hidden={!isOpen || shown.length === 0}>
        {isOpen &&
          shown.map((it, index) => (
            <li
              // A route may have the name of an agent, of which calls go to the route.
              key={`${it.kind} ${it.id}`}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              class={it.id === props.value ? 'chosen' : ''}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => choose(it.id)}
            >
              <Name text={it.id} /> <span class="muted">{it.kind}</span>
            </li>
          ))}
      </ul>
      {props.error && !isOpen && (
        <p class="error" id={`${id}-error`}>
          {props.error}
        </p>
      )}
      <p class={isOpen ? 'hint' : 'visually-hidden'} role="status">
        {isOpen && !props.models && 'The list is not available yet. You can type a name.'}
        {isOpen && props.models && matching.length === 0 && 'No agent, route or model has such a name.'}
        {isOpen && matching.length > shown.length && `${count(matching.length - shown.length)} more: type a part of the name.`}
        {isOpen && typed !== null && matching.length > 0 && matching.length <= MAX_SHOWN && (
          <span class="visually-hidden">{count(matching.length)} found</span>
        )}
      </p>
    </div>
  )
}
