import { spawnSync } from 'node:child_process';
import { JOB_KINDS } from '@longhaul/jobs';
import { ROUTES } from '../../apps/api/src/docs/routes';
import { scopeTableName } from '../../apps/api/src/docs/route-errors';
import { OUTPUTS } from '../../apps/api/src/docs/schemas/output.schema';
import { ROUTE_SCOPES } from '../../apps/api/src/http/callers/scopes';
import { DocumentedAnswers, openApiDocument } from '../support/documented';
import { ROOT } from './source-files';

/** The validator is an ES module, which Jest's CommonJS cannot load. */
const VALIDATE = `
import { Validator } from '@seriousme/openapi-schema-validator';
import { text } from 'node:stream/consumers';
const validator = new Validator();
const { valid, errors } = await validator.validate(JSON.parse(await text(process.stdin)));
process.stdout.write(JSON.stringify({ valid, version: validator.version, errors }));
`;

const validated = (document: unknown): { valid: boolean; version: string; errors?: unknown } => {
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', VALIDATE], {
    cwd: ROOT,
    input: JSON.stringify(document),
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as ReturnType<typeof validated>;
};

describe('the OpenAPI document', () => {
  const document = openApiDocument();
  const answers = new DocumentedAnswers(document);

  it('is valid OpenAPI 3.1', () => {
    expect(validated(document)).toEqual({ valid: true, version: '3.1' });
    expect(validated({ ...document, paths: { nowhere: {} } }).valid).toBe(false);
  });

  it('has every route of the scope table, and no other', () => {
    expect(ROUTES.map(scopeTableName).sort()).toEqual(Object.keys(ROUTE_SCOPES).sort());
  });

  it('names each route once', () => {
    const ids = ROUTES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers only to schemas that it has, and has none that nothing refers to', () => {
    const names = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(
      ([, name]) => name,
    );
    expect([...new Set(names)].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it('knows the input and the output of every kind of job', () => {
    expect(Object.keys(OUTPUTS).sort()).toEqual(JOB_KINDS.map(({ type }) => type).sort());
  });

  it.each(ROUTES.map((route) => [route.id, route] as const))('%s: examples fit their schemas', (_, route) => {
    for (const { schema, example } of route.answers) {
      if (schema === undefined || example === undefined) continue;
      expect(answers.schemaFaults(schema, example)).toEqual([]);
    }
  });

  it('refuses what it does not say', () => {
    const [{ schema, example } = { schema: undefined, example: undefined }] = ROUTES[0]?.answers ?? [];
    expect(answers.schemaFaults(schema ?? {}, { ...(example as object), surprise: 1 })).not.toEqual([]);
  });
});
