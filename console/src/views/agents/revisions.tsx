import { api, type Schema, unwrap, unwrapVersioned } from '../../api/client'
import type { RevisionSource } from '../../components/Revisions'
import { Name } from '../../components/ui'
import { agentText } from './settings'

/** The revisions of an agent. */
export function revisionsOf(id: string): RevisionSource<Schema<'AgentRevision'>> {
  const of = (revision: number) => ({ id, revision })
  return {
    list: (page, page_size, signal) =>
      unwrap(api.GET('/api/agents/{id}/revisions', { params: { path: { id }, query: { page, page_size } }, signal })),
    load: (revision, signal) =>
      unwrap(api.GET('/api/agents/{id}/revisions/{revision}', { params: { path: of(revision) }, signal })),
    restore: async (revision, etag) => {
      const params = { path: of(revision), header: { 'If-Match': etag } }
      return (await unwrap(api.POST('/api/agents/{id}/revisions/{revision}/restore', { params }))).revision
    },
    etag: async () => (await unwrapVersioned(api.GET('/api/agents/{id}', { params: { path: { id } } }))).etag,
    text: agentText,
    column: { title: 'Model', cell: (it) => <code><Name text={String(it.config.model?.name ?? '')} /></code> },
    restored: 'name, settings and secrets',
  }
}
