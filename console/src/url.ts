import { useLocation } from 'preact-iso'

/** Parameters that select what a view shows. The view keeps its input when they change. */
const WITHIN_VIEW = ['tab', 'page', 'search', 'from', 'to', 'period']

/** Whether two URLs, without an origin, open the same view with the same input. */
export function isSameView(a: string, b: string): boolean {
  const [first, second] = [a, b].map((it) => {
    const url = new URL(it, location.origin)
    WITHIN_VIEW.forEach((name) => url.searchParams.delete(name))
    return url.pathname + url.search
  })
  return first === second
}

type Change = (changes: Record<string, string | string[] | undefined>, isNewEntry?: boolean) => void

/**
 * The query parameters of the page's URL, in which filters live, and a way to change some of them: in the entry of the
 * history, or in a new entry, from which Back returns. Of a parameter with several values there is the last.
 */
export function useUrlFilters(): [Record<string, string>, Change] {
  const { path, url, query, route } = useLocation()
  const change: Change = (changes, isNewEntry = false) => {
    const next = parametersOf(url)
    for (const [name, value] of Object.entries(changes)) {
      next.delete(name)
      for (const it of [value].flat()) if (it) next.append(name, it)
    }
    const text = next.toString()
    route(text ? `${path}?${text}` : path, !isNewEntry)
  }
  return [query, change]
}

/** The query parameters of a URL without an origin. */
function parametersOf(url: string): URLSearchParams {
  return new URL(url, location.origin).searchParams
}

/** All values of a query parameter of the page's URL. */
export function useUrlValues(name: string): string[] {
  return parametersOf(useLocation().url).getAll(name)
}

/** What the URL selects of a listing: the page, the search and the order. */
export function useListingFilters(pageSize: number): { page: number; page_size: number; search: string; sort: string } {
  const [filters] = useUrlFilters()
  return {
    page: Number(filters.page) || 1,
    page_size: pageSize,
    search: filters.search ?? '',
    sort: filters.sort ?? '',
  }
}
