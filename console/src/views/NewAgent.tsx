import { Page } from '../components/ui'

export default function NewAgent() {
  return <Page title="NewAgent">{null}</Page>
}
