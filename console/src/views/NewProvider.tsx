import { Page } from '../components/ui'

export default function NewProvider() {
  return <Page title="NewProvider">{null}</Page>
}
