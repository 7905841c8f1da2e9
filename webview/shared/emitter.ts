// Tells listeners which topic of a model changed. Free of Lit, so that the boot code can use it before Lit is evaluated.

/** Calls listeners with the topic that changed. */
export class Emitter<Topic extends string> {
  private readonly listeners = new Set<(topic: Topic) => void>();

  on(listen: (topic: Topic) => void): () => void {
    this.listeners.add(listen);
    return () => this.listeners.delete(listen);
  }

  emit(...topics: Topic[]): void {
    for (const topic of topics) for (const listen of [...this.listeners]) listen(topic);
  }
}
