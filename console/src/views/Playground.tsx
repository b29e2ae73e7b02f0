import { Page } from '../components/ui'

export default function Playground() {
  return <Page title="Playground">{null}</Page>
}
