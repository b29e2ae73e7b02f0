import { Page } from '../components/ui'

export default function Keys() {
  return <Page title="Keys">{null}</Page>
}
