import Ajv2020, { ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { openApiOf } from '../../apps/api/src/docs/openapi';
import { ROUTES } from '../../apps/api/src/docs/routes';
import { SCHEMAS } from '../../apps/api/src/docs/schemas';

export interface OpenApi {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, object>> };
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly 'x-rest-of-path'?: boolean }[];
  readonly operationId: string;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly content?: Readonly<Record<string, { readonly schema: object; readonly example?: unknown }>>;
}

export interface SeenAnswer {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The document as it is sent. */
export const openApiDocument = (): OpenApi =>
  JSON.parse(JSON.stringify(openApiOf({ routes: ROUTES, schemas: SCHEMAS, version: 'test' }))) as OpenApi;

/** Holds answers against the document, and remembers which it has met. */
export class DocumentedAnswers {
  readonly #document: OpenApi;
  readonly #ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });
  readonly #compiled = new Map<object, ValidateFunction>();
  readonly #met = new Set<string>();

  constructor(document: OpenApi) {
    this.#document = document;
    addFormats(this.#ajv);
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      this.#ajv.addSchema(local(schema), name);
    }
  }

  /** What the document does not say of this answer; empty when it says all of it. */
  faultsOf(answer: SeenAnswer): string[] {
    const operation = this.#operationOf(answer);
    if (operation === null) return [`${answer.method} ${answer.path} is no route of the document`];
    const where = `${operation.operationId} ${String(answer.status)}`;
    const response = operation.responses[String(answer.status)];
    if (response === undefined) return [`${where} is not documented: ${answer.text.slice(0, 300)}`];
    this.#met.add(where);
    return [...this.#bodyFaults(response, answer), ...headerFaults(response, answer)].map(
      (fault) => `${where}: ${fault}`,
    );
  }

  /** `getJob 200` and the like, of all that is documented. */
  documented(): string[] {
    return Object.values(this.#document.paths)
      .flatMap((path) => Object.values(path))
      .flatMap(({ operationId, responses }) =>
        Object.keys(responses).map((status) => `${operationId} ${status}`),
      );
  }

  met(): string[] {
    return [...this.#met].sort();
  }

  /** Why a value does not fit a schema of the document; empty when it does. */
  schemaFaults(schema: object, value: unknown): string[] {
    let validate = this.#compiled.get(schema);
    if (validate === undefined) {
      validate = this.#ajv.compile(local(schema));
      this.#compiled.set(schema, validate);
    }
    if (validate(value)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`,
    );
  }

  #operationOf({ method, path }: SeenAnswer): Operation | null {
    const operations = Object.entries(this.#document.paths).flatMap(([pattern, methods]) => {
      const operation = methods[method.toLowerCase()];
      return operation !== undefined && patternOf(pattern, operation).test(path)
        ? [{ pattern, operation }]
        : [];
    });
    // What stands in full wins over what has a variable in the same place.
    operations.sort(
      (left, right) => Number(left.pattern.includes('{')) - Number(right.pattern.includes('{')),
    );
    return operations[0]?.operation ?? null;
  }

  #bodyFaults({ content }: Response, { headers, text }: SeenAnswer): string[] {
    if (content === undefined) return text === '' ? [] : ['has a body that is not documented'];
    const type = (headers.get('content-type') ?? 'none').split(';', 1)[0] ?? '';
    const documented = content[type];
    if (documented === undefined) return [`is ${type}, documented is ${Object.keys(content).join(', ')}`];
    return this.schemaFaults(documented.schema, type.endsWith('json') ? JSON.parse(text) : text);
  }
}

const patternOf = (path: string, { parameters = [] }: Operation): RegExp => {
  const rests = parameters.filter((parameter) => parameter['x-rest-of-path']).map(({ name }) => name);
  const source = path.replace(/\{(\w+)\}/g, (_, name: string) => (rests.includes(name) ? '.+' : '[^/]+'));
  return new RegExp(`^${source}$`);
};

/** Headers of HTTP itself, and those that no caller reads. */
const PLAIN_HEADERS = new Set([
  ...['connection', 'keep-alive', 'date', 'content-length', 'content-type', 'transfer-encoding'],
  ...['vary', 'request-id', 'allow', 'x-content-type-options', 'content-security-policy', 'referrer-policy'],
]);

const headerFaults = ({ headers: documented }: Response, { headers }: SeenAnswer): string[] =>
  [...headers.keys()]
    .filter((name) => !PLAIN_HEADERS.has(name) && !Object.hasOwn(documented, name))
    .map((name) => `has the header ${name}, which is not documented`);

/** References in the form of a registry of schemas by name. */
const local = (schema: object): object =>
  JSON.parse(JSON.stringify(schema).replaceAll('#/components/schemas/', '')) as object;
