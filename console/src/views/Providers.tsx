import { Page } from '../components/ui'

export default function Providers() {
  return <Page title="Providers">{null}</Page>
}
