import { useLayoutEffect, useRef } from 'preact/hooks'
import { Button } from '../../components/ui'
import { Thumbnails } from './Composer'
import type { Turn, UserInput } from './conversation'

/** A message of the user in the conversation. */
export function UserMessage({ turn, onEdit }: { turn: Turn; onEdit?: () => void }) {
  return (
    <div class="user-turn">
      <div class="user-message">
        <h2 class="visually-hidden">You</h2>
        <Thumbnails images={turn.input.images} />
        {turn.input.text && <p class="as-text">{turn.input.text}</p>}
      </div>
      {onEdit && (
        <Button kind="quiet" aria-label="Edit the message" onClick={onEdit}>
          Edit
        </Button>
      )}
    </div>
  )
}

/** The last message while the user changes it. */
export function EditForm(props: { input: UserInput; onInput: (input: UserInput) => void; onCancel: () => void; onSend: () => void }) {
  const { input } = props
  const text = useRef<HTMLTextAreaElement>(null)
  useLayoutEffect(() => text.current?.focus(), [])
  const isEmpty = !input.text.trim() && input.images.length === 0
  return (
    <form
      class="user-message editing"
      onSubmit={(event) => {
        event.preventDefault()
        if (!isEmpty) props.onSend()
      }}
      onKeyDown={(event) => event.key === 'Escape' && props.onCancel()}
    >
      <h2 class="visually-hidden">You</h2>
      <Thumbnails images={input.images} onRemove={(image) => props.onInput({ ...input, images: input.images.filter((it) => it !== image) })} />
      <textarea
        ref={text}
        aria-label="Your message"
        rows={Math.min(12, Math.max(2, input.text.split('\n').length))}
        value={input.text}
        onInput={(event) => props.onInput({ ...input, text: event.currentTarget.value })}
      />
      <div class="actions">
        <Button type="submit" kind="primary" icon="send" disabled={isEmpty}>
          Send again
        </Button>
        <Button onClick={props.onCancel}>Cancel</Button>
      </div>
    </form>
  )
}
