import { Page } from '../components/ui'

export default function AuditEvent() {
  return <Page title="AuditEvent">{null}</Page>
}
