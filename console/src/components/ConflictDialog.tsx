import { Diff } from './Diff'
import { Failure } from './states'
import { Button, Dialog } from './ui'

/**
 * Somebody else has changed what is being edited. Nothing is overwritten without this choice.
 *
 * @param theirs what the service has now, as text
 * @param mine what is in the form, as text
 */
export function ConflictDialog(props: {
  theirs: string
  mine: string
  isBusy: boolean
  failure?: unknown
  onOverwrite: () => void
  onDiscard: () => void
  onClose: () => void
}) {
  return (
    <Dialog title="Somebody changed this meanwhile" wide onClose={props.onClose}>
      <p>Your changes are not saved. The lines with − are what is stored now, those with + are yours.</p>
      <Diff before={props.theirs} after={props.mine} label="Differences between what is stored and yours" />
      {props.failure !== undefined && <Failure failure={props.failure} />}
      <div class="actions">
        <Button kind="primary" isBusy={props.isBusy} onClick={props.onOverwrite}>
          Save mine
        </Button>
        <Button kind="danger" onClick={props.onDiscard}>
          Discard mine
        </Button>
        <Button onClick={props.onClose}>Continue editing</Button>
      </div>
    </Dialog>
  )
}
