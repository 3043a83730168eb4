import { JsonSchema } from '@longhaul/contract';
import { Scope } from '../../http/callers/scopes';
import { AnswerDoc, ExampleWords, ParameterDoc, RouteDoc } from '../route-doc';
import { errorsByStatus, scopeOf } from '../route-errors';
import { requestTable } from './fields-table';
import { Html, markup, joined, NOTHING, prose } from './html';
import { isSchema, referredName, schemasIn, wordsOfSchema } from './schema-words';
import { tableOf } from './table';

export interface SectionContext {
  /** All of them: a body that an earlier route has told of is not told again. */
  readonly routes: readonly RouteDoc[];
  readonly words: ExampleWords;
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

/** All about one route. */
export function routeSection(route: RouteDoc, context: SectionContext): Html {
  const scope = scopeOf(route);
  return markup`<section class="call" id="${route.id}">
<h3>${route.summary}</h3>
<p class="route"><code class="${route.method.toLowerCase()}">${route.method}</code> <code>${route.path}</code>
<span class="scope">${scope === 'public' ? 'needs no key' : markup`scope <code>${scope}</code>`}</span></p>
${route.description.map(
  (text) => markup`<p>${prose(text)}</p>
`,
)}
<h4>Try it</h4>
${shellBlock(route.example.shell(wordsFor(scope, context)), route.example.statuses)}
${parameters(route)}${body(route, context)}
<h4>Answers</h4>
${route.answers.map(answer)}
${errors(route)}
</section>
`;
}

/** A key is not shown to those who need none. */
const wordsFor = (scope: Scope | 'public', { words }: SectionContext): ExampleWords =>
  scope === 'public' ? { ...words, curl: 'curl -s' } : words;

/** Lines to paste. The statuses are for the test that runs them. */
export const shellBlock = (shell: string, statuses: readonly number[]): Html =>
  markup`<pre tabindex="0" class="shell" data-answers="${statuses.join(' ')}"><code>${shell}</code></pre>
`;

function parameters({ parameters: list = [] }: RouteDoc): Html {
  if (list.length === 0) return NOTHING;
  const place: Readonly<Record<ParameterDoc['in'], string>> = {
    path: 'path',
    query: 'query',
    header: 'header',
  };
  const rows = list.map((parameter) => ({
    cells: [
      markup`<code>${parameter.isDeep ? `${parameter.name}[…]` : parameter.name}</code>`,
      markup`${place[parameter.in]}`,
      wordsOfSchema(parameter.schema),
      prose(parameter.description),
    ],
  }));
  return markup`<h4>Parameters</h4>
${tableOf(['Name', 'In', 'Takes', 'Meaning'], rows)}`;
}

function body(route: RouteDoc, context: SectionContext): Html {
  const { id, body: told } = route;
  const { routes } = context;
  if (told === undefined) return NOTHING;
  const name = referredName(told.schema);
  const first = routes.find((route) => route.body !== undefined && referredName(route.body.schema) === name);
  if (name !== null && first !== undefined && first.id !== id) {
    return markup`<h4>Body</h4>
<p>As in <a href="#${first.id}">${first.summary}</a>.</p>
`;
  }
  const schema = bodySchemaOf(route, context) ?? told.schema;
  return markup`<h4>Body</h4>
${
  told.isRequired
    ? NOTHING
    : markup`<p>May be left out.</p>
`
}${requestTable(schema)}${innerBodies(route, context)}`;
}

function bodySchemaOf({ body: told }: RouteDoc, { schemas }: SectionContext): JsonSchema | undefined {
  const name = told === undefined ? null : referredName(told.schema);
  return (name === null ? undefined : schemas[name]) ?? told?.schema;
}

/** The named shapes that a field of the body may have, or each item of it. */
function innerNames(route: RouteDoc, context: SectionContext): string[] {
  const properties = bodySchemaOf(route, context)?.properties;
  const fields = isSchema(properties) ? Object.values(properties).filter(isSchema) : [];
  return fields
    .flatMap(({ anyOf, items }) => [...schemasIn(anyOf), ...schemasIn([items])].map(referredName))
    .filter((name) => name !== null);
}

/** A field that may be one of several named shapes: each in a table below, or where an earlier route has it. */
function innerBodies(route: RouteDoc, context: SectionContext): Html {
  const { routes, schemas } = context;
  const tables = innerNames(route, context).map((name) => {
    const first = routes.find((each) => innerNames(each, context).includes(name));
    if (first?.id !== route.id) {
      return markup`<p><a href="#shape-${name}">${name}</a>: as in ${first?.summary ?? ''}.</p>
`;
    }
    const schema = schemas[name] ?? {};
    return markup`<h4 id="shape-${name}">${name}</h4>
<p>${prose(String(schema.description ?? ''))}</p>
${requestTable(schema)}`;
  });
  return joined(tables, NOTHING);
}

function answer({ status, description, headers = [], schema, type, example }: AnswerDoc): Html {
  const shapes = schema === undefined ? [] : shapesIn(schema);
  const links = joined(
    shapes.map((name) => markup`<a href="#shape-${name}">${name}</a>`),
    markup`, `,
  );
  return markup`<p><strong>${status}</strong> ${prose(description)}${shapes.length === 0 ? NOTHING : markup` Shape: ${links}.`}</p>
${
  headers.length === 0
    ? NOTHING
    : markup`<p class="soft">Headers: ${joined(
        headers.map((name) => markup`<code>${name}</code>`),
        markup`, `,
      )}</p>
`
}${example === undefined ? NOTHING : exampleOf(type, example)}`;
}

const exampleOf = (type: string | undefined, example: unknown): Html =>
  markup`<details><summary>Example${type === undefined ? '' : ` (${type})`}</summary>
<pre tabindex="0"><code>${typeof example === 'string' ? example : JSON.stringify(example, null, 2)}</code></pre>
</details>
`;

/** The named shapes that an answer is made of, not those inside of them. */
export function shapesIn(schema: unknown): string[] {
  if (Array.isArray(schema)) return [...new Set(schema.flatMap(shapesIn))];
  if (!isSchema(schema)) return [];
  const name = referredName(schema);
  return name === null ? [...new Set(Object.values(schema).flatMap(shapesIn))] : [name];
}

function errors(route: RouteDoc): Html {
  if (errorsByStatus(route).size === 0) return NOTHING;
  const items = [...errorsByStatus(route)].map(
    ([status, codes]) =>
      markup`<li><strong>${status}</strong> ${joined(
        codes.map((code) => markup`<a href="/docs/errors#${code}">${code}</a>`),
        markup`, `,
      )}</li>
`,
  );
  return markup`<h4>Errors</h4>
<ul class="codes">
${items}</ul>`;
}
