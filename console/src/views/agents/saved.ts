import type { Agent } from './settings'

let announced: Agent | undefined

/** Has the page of an agent, which opens next, say that it was saved, and with what warnings. */
export function announceSaved(saved: Agent): void {
  announced = saved
}

/** The agent that was just saved, once. */
export function takeSaved(id: string): Agent | undefined {
  const saved = announced?.id === id ? announced : undefined
  announced = undefined
  return saved
}
