import { Page } from '../components/ui'

export default function Agents() {
  return <Page title="Agents">{null}</Page>
}
