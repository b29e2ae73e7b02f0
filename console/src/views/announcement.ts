/** Passes the outcome of saving a new object on to the page of the object, which opens next and shows it once. */
export class Announcement<T> {
  #announced: T | undefined

  /** @param idOf the id of the object that was saved */
  constructor(readonly idOf: (saved: T) => string) {}

  announce(saved: T): void {
    this.#announced = saved
  }

  /** What was announced for an object. Whatever was announced is then forgotten. */
  take(id: string): T | undefined {
    const announced = this.#announced
    this.#announced = undefined
    return announced !== undefined && this.idOf(announced) === id ? announced : undefined
  }
}
