/** What a process needs for some questions, or for none: loaded when they come. A boot runs beside a service under load. */
const LATE = [
  'drizzle-orm',
  'drizzle-orm/pg-core',
  'drizzle-orm/node-postgres',
  'drizzle-orm/node-postgres/migrator',
  '../../apps/api/src/docs/routes',
  '../../apps/api/src/docs/schemas',
];

/** A whole app is compiled and loaded. */
jest.setTimeout(120_000);

describe('a boot', () => {
  it.each(['api/src/api', 'worker/src/worker'])('does not load what can wait (apps/%s)', async (app) => {
    for (const late of LATE)
      jest.doMock(late, () => {
        throw new Error(`A boot loads ${late}; import it where it is first needed, or only its types`);
      });
    jest.resetModules();
    await expect(import(`../../apps/${app}`)).resolves.toBeDefined();
  });
});
