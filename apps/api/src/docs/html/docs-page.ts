import { JsonSchema } from '@longhaul/contract';
import { ExampleWords, GROUPS, RouteDoc } from '../route-doc';
import { answerTable } from './fields-table';
import { Html, markup, NOTHING, prose } from './html';
import { pageOf } from './layout';
import { routeSection, shapesIn, shellBlock } from './route-section';

export interface DocsSource {
  readonly routes: readonly RouteDoc[];
  readonly schemas: Readonly<Record<string, JsonSchema>>;
  readonly words: ExampleWords;
  readonly hasKeys: boolean;
}

/** The page `/docs`. */
export function docsPage(source: DocsSource): string {
  const chapters = GROUPS.filter((group) => source.routes.some((route) => route.group === group));
  const shapes = shapesOfAnswers(source);
  return pageOf({
    title: 'Longhaul API',
    body: markup`<div class="frame">
<header>
<h1>Longhaul API</h1>
<p>Submit a chat or an audit; it is stored before you get its id, and it ends exactly once.</p>
${firstJob(source)}
</header>
${navigation(source, shapes)}
<main id="content">
${chapters.map(
  (group) => markup`<h2 id="${slugOf(group)}">${group}</h2>
${source.routes.filter((route) => route.group === group).map((route) => routeSection(route, source))}`,
)}
<h2 id="shapes">Shapes</h2>
<p>Times are Unix seconds. Nothing else is in an answer than what stands here.</p>
${shapes.map((name) => shape(name, source.schemas[name]))}
</main>
</div>`,
  });
}

const slugOf = (group: string): string => `chapter-${group.toLowerCase().replaceAll(' ', '-')}`;

function navigation({ routes }: DocsSource, shapes: readonly string[]): Html {
  const chapters = GROUPS.map((group) => {
    const items = routes
      .filter((route) => route.group === group)
      .map(
        (route) => markup`<li><a href="#${route.id}">${route.summary}</a></li>
`,
      );
    return items.length === 0
      ? NOTHING
      : markup`<h2>${group}</h2>
<ul>
${items}</ul>
`;
  });
  return markup`<nav aria-label="Contents">
<ul><li><a href="#first-job">Your first job</a></li>
<li><a href="/docs/errors">Error codes</a></li>
<li><a href="/openapi.json">OpenAPI document</a></li></ul>
${chapters}<h2>Shapes</h2>
<ul>
${shapes.map(
  (name) => markup`<li><a href="#shape-${name}">${name}</a></li>
`,
)}</ul>
</nav>`;
}

function firstJob({ words: { api, curl, chatModel }, hasKeys }: DocsSource): Html {
  const lines = `JOB=$(${curl} ${api}/v1/jobs -H 'content-type: application/json' -d '{"type":"chat","model":"${chatModel}","input":{"messages":[{"role":"user","content":"Hello"}]}}' | grep -o 'job_[0-9a-z]*' | head -n 1)
${curl} "${api}/v1/jobs/$JOB?wait=55&include=output"
${curl} "${api}/v1/jobs/$JOB/attempts"`;
  const key =
    'Put your key into the variable first: `export LONGHAUL_KEY=…`. It travels as `authorization: Bearer` or as `x-api-key`.';
  return markup`<section id="first-job">
<h2>Your first job in three lines</h2>
<p>Submit it, wait for its end, see who was called for it.</p>
${
  hasKeys
    ? markup`<p>${prose(key)}</p>
`
    : NOTHING
}${shellBlock(lines, [202, 200, 200])}
<p class="soft">${prose('Every example below can be pasted into the same shell; `$AUDIT` and the like come from the examples before.')}</p>
</section>`;
}

/** Every named shape that an answer may hold, with those inside of it, in the order in which they are met. */
function shapesOfAnswers({ routes, schemas }: DocsSource): string[] {
  const met = new Set<string>();
  const meet = (name: string): void => {
    if (met.has(name)) return;
    met.add(name);
    shapesIn(Object.values(schemas[name] ?? {})).forEach(meet);
  };
  routes.flatMap(({ answers }) => answers.flatMap(({ schema }) => shapesIn(schema))).forEach(meet);
  meet('Problem');
  return [...met];
}

const shape = (name: string, schema: JsonSchema = {}): Html => markup`<section id="shape-${name}">
<h3>${name}</h3>
<p>${prose(typeof schema.description === 'string' ? schema.description : '')}</p>
${answerTable(schema)}
</section>
`;
