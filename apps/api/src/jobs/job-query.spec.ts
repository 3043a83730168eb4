import { GatewayError } from '@longhaul/contract';
import { checkNoQuery, checkReportFormat, readJobQuery } from './job-query';

const codeOf = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return GatewayError.from(error).code;
  }
  return 'accepted';
};

describe('the query of a job', () => {
  it('asks for nothing and waits for nothing by default', () =>
    expect(readJobQuery({})).toEqual({ include: [], waitMs: null }));

  it.each([
    [{ include: 'output,attempts' }],
    [{ include: ['output', 'attempts'] }],
    [{ 'include[]': ['output', 'attempts'] }],
    [{ include: 'output', 'include[]': 'attempts' }],
    [{ include: ' output , attempts,output,' }],
  ])('reads include as %j', (query) => expect(readJobQuery(query).include).toEqual(['output', 'attempts']));

  it.each([
    ['20', 20_000],
    ['0', 0],
    ['0.25', 250],
    ['55', 55_000],
    ['56', 55_000],
    ['999999999', 55_000],
  ])('reads wait=%s as %d ms, at most 55 s', (wait, waitMs) =>
    expect(readJobQuery({ wait }).waitMs).toBe(waitMs),
  );

  it.each([
    { wait: 'long' },
    { wait: '-1' },
    { wait: '1e3' },
    { wait: '' },
    { wait: ['1', '2'] },
    { include: 'everything' },
    { include: 'toString' },
    { 'include[]': ['output', 'prompt'] },
    { includes: 'output' },
  ])('refuses %j as malformed', (query) =>
    expect(codeOf(() => readJobQuery(query))).toBe('malformed_request'),
  );

  it('names what include takes, and cuts what it was given', () => {
    const act = () => readJobQuery({ include: 'x'.repeat(5000) });
    expect(act).toThrow(/^`include` takes output, attempts, decision; it does not know "x{40}"\.$/);
  });
});

describe('the query of a report', () => {
  it.each([{}, { format: 'md' }])('accepts %j', (query) =>
    expect(
      codeOf(() => {
        checkReportFormat(query);
      }),
    ).toBe('accepted'),
  );

  it.each([{ format: 'html' }, { format: ['md', 'md'] }, { formats: 'md' }])('refuses %j', (query) =>
    expect(
      codeOf(() => {
        checkReportFormat(query);
      }),
    ).toBe('malformed_request'),
  );
});

describe('the query of a call that takes none', () => {
  it('is empty', () => {
    checkNoQuery({});
  });

  it('is refused by the name of what it holds', () =>
    expect(() => checkNoQuery({ wait: '5' })).toThrow('The query has no parameter "wait"; it takes none.'));
});
