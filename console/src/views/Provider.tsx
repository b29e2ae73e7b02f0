import { Page } from '../components/ui'

export default function Provider() {
  return <Page title="Provider">{null}</Page>
}
