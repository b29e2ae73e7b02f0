import { api, type Schema, unwrap } from '../../api/client'
import type { RevisionSource } from '../../components/Revisions'
import { Name } from '../../components/ui'
import { loadRoute } from './RouteForm'
import { routeText, targetText } from './settings'

/** The revisions of a route. */
export function revisionsOf(id: string): RevisionSource<Schema<'ModelRouteRevision'>> {
  const of = (revision: number) => ({ id, revision })
  return {
    list: (page, page_size, signal) =>
      unwrap(api.GET('/api/routes/{id}/revisions', { params: { path: { id }, query: { page, page_size } }, signal })),
    load: (revision, signal) =>
      unwrap(api.GET('/api/routes/{id}/revisions/{revision}', { params: { path: of(revision) }, signal })),
    restore: async (revision, etag) => {
      const params = { path: of(revision), header: { 'If-Match': etag } }
      return (await unwrap(api.POST('/api/routes/{id}/revisions/{revision}/restore', { params }))).revision
    },
    etag: async () => (await loadRoute(id)).etag,
    text: routeText,
    column: { title: 'Targets', cell: (it) => <code><Name text={it.config.targets.map(targetText).join(', ')} /></code> },
    restored: 'name, targets and settings',
  }
}
