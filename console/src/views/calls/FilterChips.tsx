import { Button, ServiceText } from '../../components/ui'
import { sentence } from '../../format'
import '../../styles/calls.css'

/** Filters without a field: each can be removed, and shows what is wrong with it. */
export function FilterChips(props: { chips: { id: string; text: string; error?: string; onRemove: () => void }[] }) {
  if (props.chips.length === 0) return null
  return (
    <ul class="chips" aria-label="Further filters">
      {props.chips.map((it) => (
        <li key={it.id}>
          <span class="chip">
            <span class="name" title={it.text}>
              {it.text}
            </span>
            <Button kind="quiet" icon="x" aria-label={`Remove the filter ${it.text}`} onClick={it.onRemove} />
          </span>
          {it.error && (
            <p class="error">
              <ServiceText text={sentence(it.error)} />
            </p>
          )}
        </li>
      ))}
    </ul>
  )
}
