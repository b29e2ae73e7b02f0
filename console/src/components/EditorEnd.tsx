import { ConflictDialog } from './ConflictDialog'
import type { Editor } from './editor'
import { SavedNotice } from './SavedNotice'
import { FormFailure, SaveStatus } from './states'
import { Button } from './ui'

/** The end of the form of an object: why it is not saved, the button that saves it, and the choice after a conflict. */
export function EditorEnd<S extends { value: { revision: number; warnings?: string[] | null } }, D>(props: {
  editor: Editor<S, D>
  /** Whether the form shows the errors of a field of the request at an input. */
  hasInput: (field: string) => boolean
  /** The fields that warnings can name. */
  labels: [path: string, label: string][]
  /** What would be sent to change what is stored, as text to compare. */
  text: (draft: D, stored: S) => string
}) {
  const { save, saved, conflict } = props.editor
  return (
    <>
      {save.failure !== undefined && !conflict && <FormFailure title="Not saved" failure={save.failure} hasInput={props.hasInput} />}
      <div class="actions">
        <Button type="submit" kind="primary" isBusy={save.isRunning}>
          Save
        </Button>
        <SaveStatus>{saved && <SavedNotice saved={saved.value} labels={props.labels} />}</SaveStatus>
      </div>
      {conflict && (
        <ConflictDialog
          theirs={props.text(conflict.draft, conflict.theirs)}
          mine={props.text(conflict.merged, conflict.theirs)}
          isBusy={save.isRunning}
          failure={save.failure}
          onOverwrite={() => save.run(conflict.theirs)}
          onDiscard={conflict.discard}
          onClose={conflict.keepEditing}
        />
      )}
    </>
  )
}
