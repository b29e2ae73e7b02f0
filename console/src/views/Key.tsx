import { Page } from '../components/ui'

export default function Key() {
  return <Page title="Key">{null}</Page>
}
