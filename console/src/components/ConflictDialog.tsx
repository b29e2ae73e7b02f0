import { Diff } from './Diff'
import { Failure } from './states'
import { Button, Dialog } from './ui'

/**
 * What is being edited was changed meanwhile. Nothing is overwritten without this choice.
 *
 * @param theirs what the service has now, as text
 * @param mine the same with the changes that were made in the form
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
    <Dialog title="It was changed meanwhile" wide onClose={props.onClose}>
      <p>
        Your changes are not saved. What you did not change stays as it is stored now. The lines with − are what your
        changes would replace, those with + are yours.
      </p>
      <Diff before={props.theirs} after={props.mine} label="Differences between what is stored and yours" />
      {props.failure !== undefined && <Failure failure={props.failure} />}
      <div class="actions">
        <Button kind="primary" autofocus onClick={props.onClose}>
          Continue editing
        </Button>
        <Button isBusy={props.isBusy} onClick={props.onOverwrite}>
          Save mine over theirs
        </Button>
        <Button kind="danger" onClick={props.onDiscard}>
          Discard mine
        </Button>
      </div>
    </Dialog>
  )
}
