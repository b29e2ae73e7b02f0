import { Page } from '../components/ui'

export default function Connect() {
  return <Page title="Connect">{null}</Page>
}
