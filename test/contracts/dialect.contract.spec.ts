import { readdirSync } from 'node:fs';
import { ErrorCode } from '@longhaul/contract';
import { DIALECT_NAMES, DIALECTS } from '@longhaul/providers';
import {
  answerOf,
  DialectBench,
  expectDiscreet,
  failureOf,
  FIXTURES_FOLDER,
  fixturesOf,
  named,
} from './dialect.bench';
import { formOf } from './dialect-stream';

/** The codes that a dialect must be able to tell apart by what comes over the wire. */
const CODES_OF_THE_WIRE: readonly ErrorCode[] = [
  'rate_limited',
  'overloaded',
  'upstream_error',
  'stream_truncated',
  'malformed_response',
  'auth_failed',
  'quota_exhausted',
  'content_filtered',
  'rejected_request',
  'model_unavailable',
  'context_overflow',
  'output_starved',
  'empty_output',
];

/** The rows of error tables that the vendors publish, as they were read; a table that grows adds to them. */
const DOCUMENTED_FAILURES: Readonly<Record<string, number>> = {
  openai_compatible: 135,
  anthropic: 29,
  gemini: 27,
  ollama: 34,
};

describe('the dialects', () => {
  it('have names of their own, fit for a configuration file, and fixtures each', () => {
    expect(new Set(DIALECT_NAMES).size).toBe(DIALECTS.length);
    for (const name of DIALECT_NAMES) expect(name).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(readdirSync(FIXTURES_FOLDER).sort()).toEqual([...DIALECT_NAMES].sort());
  });
});

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
  'the dialect %s',
  (name, dialect) => {
    const bench = new DialectBench(dialect);
    beforeAll(() => bench.open());
    afterAll(() => bench.close());

    it.each(named(fixturesOf(name, 'answers')))('reads %s', async (_, fixture) => {
      expect(answerOf(await bench.ask(fixture))).toEqual(fixture.gives);
    });

    it.each(named([...fixturesOf(name, 'broken'), ...fixturesOf(name, 'refusals')]))(
      'takes for a failure: %s',
      async (_, fixture) => {
        const error = await failureOf(bench.ask(fixture));
        expect(error.code).toBe(fixture.fails);
        expect(error.detail.upstreamStatus).toBe(fixture.reply.status ?? 200);
        expect(error.detail.phase).toMatch(/^(before_first_token|mid_answer)$/);
        expect(error.detail.isOfModel ?? false).toBe(fixture.isOfModel ?? false);
        if (fixture.retryAfterMs !== undefined) {
          expect(error.detail.retryAfterMs).toBe(fixture.retryAfterMs ?? undefined);
        }
        expect(error.detail.usage).toEqual(fixture.usage);
        expectDiscreet(error);
      },
    );

    it('has a fixture for every failure that its providers document', () => {
      const failures = [...fixturesOf(name, 'broken'), ...fixturesOf(name, 'refusals')];
      const documented = failures.filter((fixture) => fixture.documented === true);
      expect(documented.length).toBeGreaterThanOrEqual(DOCUMENTED_FAILURES[name] ?? Infinity);
    });

    it('tells every code of the wire apart', () => {
      const told = [...fixturesOf(name, 'broken'), ...fixturesOf(name, 'refusals')].map(({ fails }) => fails);
      const untold = CODES_OF_THE_WIRE.filter((code) => !told.includes(code));
      expect(untold).toEqual(formOf(name).unsaid ?? []);
    });
  },
);
