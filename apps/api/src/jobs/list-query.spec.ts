import { GatewayError } from '@longhaul/contract';
import { readEventPage, readJobFilter } from './list-query';

const refusalOf = (read: () => unknown): GatewayError => {
  try {
    read();
  } catch (error) {
    return GatewayError.from(error);
  }
  throw new Error('The query was accepted.');
};

const NOTHING = { limit: 20, order: 'desc', statuses: [], metadata: {} };

describe('the query of a list of jobs', () => {
  it('asks for the twenty newest when it says nothing', () => expect(readJobFilter({})).toEqual(NOTHING));

  it('reads every filter', () =>
    expect(
      readJobFilter({
        ...{ limit: '5', after: 'job_1', order: 'asc', type: 'chat', model: 'glm/glm-4.7', provider: 'glm' },
        ...{ status: ['failed,cancelled', 'failed'], 'status[]': 'queued' },
        ...{ created_after: '1900000000', created_before: '2031-01-01T00:00:00Z' },
        ...{ 'metadata[team]': 'red', 'metadata[run]': '' },
      }),
    ).toEqual({
      ...{ limit: 5, after: 'job_1', order: 'asc', type: 'chat', model: 'glm/glm-4.7', provider: 'glm' },
      statuses: ['failed', 'cancelled', 'queued'],
      createdAfter: new Date(1_900_000_000_000),
      createdBefore: new Date('2031-01-01T00:00:00Z'),
      metadata: { team: 'red', run: '' },
    }));

  it('clamps a limit that is too high', () => expect(readJobFilter({ limit: '9999' }).limit).toBe(100));

  it.each([
    [{ limit: '0' }, 'limit'],
    [{ limit: '-1' }, 'limit'],
    [{ limit: ['1', '2'] }, 'limit'],
    [{ order: 'newest' }, 'order'],
    [{ status: 'done' }, 'status'],
    [{ status: '' }, 'status'],
    [{ 'status[]': ',' }, 'status'],
    [Object.fromEntries(Array.from({ length: 17 }, (_, number) => [`metadata[${number}]`, 'x'])), 'metadata'],
    [{ 'metadata[a]': ['b', 'c'] }, 'metadata[a]'],
    [{ after: "job' OR 1=1" }, 'after'],
    [{ before: '' }, 'before'],
    [{ after: 'job_1', before: 'job_2' }, 'before'],
    [{ created_after: 'yesterday' }, 'created_after'],
    [{ created_before: '1900000000000' }, 'created_before'],
    [{ model: 'a\u0000b' }, 'model'],
    [{ type: 'x'.repeat(513) }, 'type'],
    [{ 'metadata[a\u0000]': 'b' }, 'metadata'],
    [{ metadata: 'red' }, 'metadata'],
    [{ caller: 'ada' }, 'caller'],
  ])('refuses %j at `%s`', (query, param) => {
    const refusal = refusalOf(() => readJobFilter(query));
    expect(refusal).toMatchObject({ code: 'malformed_request', detail: { param } });
  });

  it('names the filters that there are', () =>
    expect(refusalOf(() => readJobFilter({ statsu: 'failed' })).message).toBe(
      'The query has no parameter "statsu"; did you mean `status`? It takes limit, after, before, order, status, ' +
        'type, model, provider, created_after, created_before, metadata[<key>].',
    ));

  it('guesses at nothing that is far off', () =>
    expect(refusalOf(() => readJobFilter({ callr: 'ada' })).message).toMatch(
      /^The query has no parameter "callr"; it takes/,
    ));
});

describe('the query of a log', () => {
  it('begins before the first event', () => expect(readEventPage({})).toEqual({ after: -1, limit: 100 }));
  it('goes on after an event, and clamps', () =>
    expect(readEventPage({ after: '0', limit: '5000' })).toEqual({ after: 0, limit: 1000 }));
  it.each([[{ after: '-1' }], [{ after: '1.5' }], [{ limit: 'all' }], [{ since: '1' }]])(
    'refuses %j',
    (query) => expect(refusalOf(() => readEventPage(query)).code).toBe('malformed_request'),
  );
});
