import { Settings } from '@longhaul/settings';
import { tagOf } from '../http/etag';
import { docsPage } from './html/docs-page';
import { errorsPage } from './html/errors-page';
import { openApiOf } from './openapi';
import { ExampleWords } from './route-doc';
import { ROUTES } from './routes';
import { SCHEMAS } from './schemas';

/** A text that is ready to be sent. */
export interface Document {
  readonly text: string;
  readonly etag: string;
}

/** A gateway has few names; whoever asks under many makes us render, not remember. */
const MAX_PAGES_KEPT = 16;

/** The documents of the API. Each is made when it is first asked for, and kept. */
export class Documents {
  readonly #pages = new Map<string, Document>();
  #openApi: Document | null = null;
  #errors: Document | null = null;

  constructor(
    private readonly settings: Pick<Settings, 'http' | 'providers'>,
    private readonly version: string,
  ) {}

  openApi(): Document {
    const source = { routes: ROUTES, schemas: SCHEMAS, version: this.version };
    this.#openApi ??= documentOf(JSON.stringify(openApiOf(source)));
    return this.#openApi;
  }

  errors(): Document {
    this.#errors ??= documentOf(errorsPage());
    return this.#errors;
  }

  /** The page as it is read under an address of ours. */
  docs(api: string): Document {
    const known = this.#pages.get(api);
    if (known !== undefined) return known;
    const hasKeys = this.settings.http.apiKeysFile !== null;
    const words = wordsFor(api, { hasKeys, hasProvider: hasProvider(this.settings) });
    const page = documentOf(docsPage({ routes: ROUTES, schemas: SCHEMAS, words, hasKeys }));
    if (this.#pages.size >= MAX_PAGES_KEPT) this.#pages.clear();
    this.#pages.set(api, page);
    return page;
  }

  /** For pages that are asked for under no address that can be repeated. */
  get ownAddress(): string {
    const { host, port } = this.settings.http;
    return `http://${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
  }
}

const documentOf = (text: string): Document => ({ text, etag: tagOf(text) });

/** Whether `auto` finds a model that somebody has paid for; else the examples name the sandbox, which answers without. */
const hasProvider = ({ providers }: Pick<Settings, 'providers'>): boolean =>
  providers.some(({ key, explicitOnly }) => key !== null && !explicitOnly);

const wordsFor = (
  api: string,
  { hasKeys, hasProvider: found }: { readonly hasKeys: boolean; readonly hasProvider: boolean },
): ExampleWords => ({
  api,
  curl: hasKeys ? 'curl -s -H "authorization: Bearer $LONGHAUL_KEY"' : 'curl -s',
  chatModel: found ? 'auto' : 'sandbox/echo',
  auditModel: found ? 'auto' : 'sandbox/reviewer',
});
