import { Page } from '../components/ui'

export default function About() {
  return <Page title="About">{null}</Page>
}
