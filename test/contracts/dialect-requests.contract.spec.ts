import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ChatRequest, ErrorCode, ModelTraits } from '@longhaul/contract';
import { DIALECTS } from '@longhaul/providers';
import { collect, DialectBench, failureOf, FIXTURES_FOLDER, fixturesOf, replay } from './dialect.bench';

/** One entry of requests.json: what is asked, and what of it goes out; or `fails`, and nothing does. */
interface RequestFixture {
  readonly title: string;
  readonly provider?: string;
  /** The whole request but the model, which is m-1 unless given. `traits` may be partial. */
  readonly request: Omit<ChatRequest, 'model' | 'traits'> & {
    readonly model?: string;
    readonly traits?: Partial<ModelTraits>;
  };
  /** Below the base URL; that of the first entry where it is left out. */
  readonly path?: string;
  readonly body?: unknown;
  /** Those that must be there; others are not judged. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly adjusted?: readonly string[];
  readonly fails?: ErrorCode;
}

const UNKNOWN_MODEL: ModelTraits = {
  capabilities: [],
  toolChoices: null,
  temperature: { kind: 'any' },
  reasoningControl: null,
  reasoningEfforts: null,
  contextWindow: null,
  maxOutputTokens: null,
};

/** One file per dialect: who adds a dialect writes down what it says. */
const requestsOf = (dialect: string): readonly RequestFixture[] =>
  JSON.parse(
    readFileSync(join(FIXTURES_FOLDER, dialect, 'requests.json'), 'utf8'),
  ) as readonly RequestFixture[];

const askedOf = ({ request: { traits, ...request } }: RequestFixture): Partial<ChatRequest> => ({
  ...request,
  ...(traits === undefined ? {} : { traits: { ...UNKNOWN_MODEL, ...traits } }),
});

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
  'a request by the dialect %s',
  (name, dialect) => {
    const bench = new DialectBench(dialect);
    beforeAll(() => bench.open());
    afterAll(() => bench.close());

    const requests = requestsOf(name);
    const good = fixturesOf(name, 'answers')[0]!;
    const call = (fixture: RequestFixture) => {
      bench.script = replay(good.reply);
      const { provider = 'acme' } = fixture;
      return collect(bench.call({ settings: { name: provider }, request: askedOf(fixture) }));
    };
    const sent = requests.filter(({ fails }) => fails === undefined);
    const refused = requests.filter(({ fails }) => fails !== undefined);

    it.each(sent.map((fixture) => [fixture.title, fixture] as const))('says %s', async (_, fixture) => {
      const events = await call(fixture);
      const { url, method, body, headers } = bench.lastRequest;
      expect([method, url]).toEqual(['POST', `/v1${fixture.path ?? requests[0]?.path ?? ''}`]);
      expect(JSON.parse(body)).toEqual(fixture.body);
      expect(headers).toMatchObject(fixture.headers ?? {});
      const notes = events.flatMap((event) => (event.type === 'adjusted' ? event.notes : []));
      expect(notes).toEqual(fixture.adjusted ?? []);
    });

    it('refuses what cannot be said, before anything is sent', async () => {
      for (const fixture of refused) {
        const before = bench.upstream.requests.length;
        const error = await failureOf(call(fixture));
        expect([fixture.title, error.code, error.detail.phase]).toEqual([
          fixture.title,
          fixture.fails,
          'before_send',
        ]);
        expect(bench.upstream.requests).toHaveLength(before);
      }
    });
  },
);
