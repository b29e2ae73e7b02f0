import type { SavedProvider } from './ProviderForm'

let announced: SavedProvider | undefined

/** Has the page of a provider, which opens next, say what came of saving it. */
export function announceSaved(saved: SavedProvider): void {
  announced = saved
}

/** What to say about the provider, once. */
export function takeSaved(id: string): SavedProvider | undefined {
  const saved = announced?.value.id === id ? announced : undefined
  announced = undefined
  return saved
}
