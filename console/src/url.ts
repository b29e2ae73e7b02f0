import { useLocation } from 'preact-iso'

/** The query parameters of the page's URL, in which filters live, and a way to change some of them. */
export function useUrlFilters(): [Record<string, string>, (changes: Record<string, string | undefined>) => void] {
  const { path, query, route } = useLocation()
  const change = (changes: Record<string, string | undefined>): void => {
    const next = new URLSearchParams(query)
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value)
      else next.delete(name)
    }
    const text = next.toString()
    route(text ? `${path}?${text}` : path, true)
  }
  return [query, change]
}

/** What the URL says of a listing: the page, the search and the order. */
export function useListingFilters(pageSize: number): { page: number; page_size: number; search: string; sort: string } {
  const [filters] = useUrlFilters()
  return {
    page: Number(filters.page) || 1,
    page_size: pageSize,
    search: filters.search ?? '',
    sort: filters.sort ?? '',
  }
}
