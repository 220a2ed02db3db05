/** Callers that wait for something to change. Each wait has an end, so that nobody is kept for ever. */

export class Waiting {
  readonly #waiting = new Set<() => void>();

  /** Resolves when something changed, or after `withinMs`. */
  forChange(withinMs: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#waiting.add(done);
    });
  }

  wakeAll(): void {
    for (const done of [...this.#waiting]) done();
  }
}
