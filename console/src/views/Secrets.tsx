import { Page } from '../components/ui'

export default function Secrets() {
  return <Page title="Secrets">{null}</Page>
}
