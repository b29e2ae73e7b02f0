import { useId, useRef, useState } from 'preact/hooks'
import { Button, Notice } from '../../components/ui'
import { type AttachedImage, imageBytes, readImages, type UserInput } from './conversation'

/** Where the user types a message and attaches images: by a file picker, by pasting and by dropping. */
export function Composer(props: {
  input: UserInput
  onInput: (input: UserInput) => void
  /** Whether the message was sent. */
  onSend: () => boolean
  /** Absent if nothing is running. */
  onStop?: () => void
  /** The size of the images that the conversation has already. */
  presentBytes: number
}) {
  const { input, onInput } = props
  const latest = useRef(input)
  latest.current = input
  const [errors, setErrors] = useState<string[]>([])
  const files = useRef<HTMLInputElement>(null)
  const text = useRef<HTMLTextAreaElement>(null)
  const id = useId()

  const attach = async (list: Iterable<File> | null | undefined) => {
    const chosen = [...(list ?? [])]
    if (chosen.length === 0) return
    const read = await readImages(chosen, props.presentBytes + imageBytes(latest.current.images))
    setErrors(read.errors)
    onInput({ ...latest.current, images: [...latest.current.images, ...read.images] })
  }
  const isEmpty = !input.text.trim() && input.images.length === 0
  const send = () => {
    if (isEmpty || props.onStop) return
    if (props.onSend()) setErrors([])
  }

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault()
        void attach(event.dataTransfer?.files)
      }}
      onPaste={(event) => {
        const pasted = event.clipboardData?.files
        if (!pasted?.length) return
        event.preventDefault()
        void attach(pasted)
      }}
    >
      {errors.length > 0 && (
        <Notice tone="bad" role="alert">
          {errors.map((it) => (
            <p key={it}>{it}</p>
          ))}
        </Notice>
      )}
      <Thumbnails
        images={input.images}
        onRemove={(image) => {
          onInput({ ...input, images: input.images.filter((it) => it !== image) })
          text.current?.focus()
        }}
      />
      <label for={id} class="visually-hidden">
        Message
      </label>
      <textarea
        ref={text}
        id={id}
        rows={Math.min(8, Math.max(2, input.text.split('\n').length))}
        placeholder="Message. Enter sends, Shift+Enter starts a line."
        value={input.text}
        onInput={(event) => onInput({ ...input, text: event.currentTarget.value })}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
          event.preventDefault()
          send()
        }}
      />
      <div class="row">
        <Button kind="quiet" icon="image" onClick={() => files.current?.click()}>
          Add images
        </Button>
        <input
          ref={files}
          type="file"
          hidden
          multiple
          accept="image/png,image/jpeg,image/webp,image/gif"
          onChange={(event) => {
            void attach(event.currentTarget.files)
            event.currentTarget.value = ''
          }}
        />
        {props.onStop ? (
          <Button icon="stop" onClick={props.onStop}>
            Stop
          </Button>
        ) : (
          <Button type="submit" kind="primary" icon="send" disabled={isEmpty}>
            Send
          </Button>
        )}
      </div>
    </form>
  )
}

export function Thumbnails(props: { images: AttachedImage[]; onRemove?: (image: AttachedImage) => void }) {
  if (props.images.length === 0) return null
  return (
    <ul class="thumbnails" aria-label="Images">
      {props.images.map((it, index) => (
        <li key={index}>
          <img src={it.url} alt={it.name} />
          {props.onRemove && (
            <Button icon="x" aria-label={`Remove ${it.name}`} onClick={() => props.onRemove?.(it)} />
          )}
        </li>
      ))}
    </ul>
  )
}
