import { Page } from '../components/ui'

export default function Agent() {
  return <Page title="Agent">{null}</Page>
}
