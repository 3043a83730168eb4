import type { Documents } from './documents';

/** What the documents are made of is much of the API's own code, and most processes are never asked for them. */
export class DocumentsLoader {
  #documents: Promise<Documents> | null = null;

  constructor(private readonly source: ConstructorParameters<typeof Documents>) {}

  /** Loads them for whoever asks first. */
  documents(): Promise<Documents> {
    this.#documents ??= this.load();
    return this.#documents;
  }

  /** What could not be loaded is tried again. */
  private async load(): Promise<Documents> {
    try {
      const loaded = await import('./documents');
      return new loaded.Documents(...this.source);
    } catch (thrown) {
      this.#documents = null;
      throw thrown;
    }
  }
}
