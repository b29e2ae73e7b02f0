import { Page } from '../components/ui'

export default function MyKeys() {
  return <Page title="MyKeys">{null}</Page>
}
