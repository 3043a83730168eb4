import { readMetrics } from './metrics-text';

const HEAD = '# HELP a_total What it is.\n# TYPE a_total counter\n';
const TIMES = '# HELP b_seconds How long.\n# TYPE b_seconds histogram\n';

describe('the reader of metrics', () => {
  it('reads counters, labels and histograms', () => {
    const text = `${HEAD}a_total{x="1\\"2",y=""} 3\n\n${TIMES}b_seconds_bucket{le="1"} 1\nb_seconds_bucket{le="+Inf"} 2\nb_seconds_sum 5.5\nb_seconds_count 2\n`;
    expect(readMetrics(text)).toMatchObject([
      {
        name: 'a_total',
        kind: 'counter',
        help: 'What it is.',
        samples: [{ labels: { x: '1\\"2', y: '' }, value: 3 }],
      },
      { name: 'b_seconds', kind: 'histogram', samples: [{}, {}, { value: 5.5 }, { value: 2 }] },
    ]);
  });

  it.each([
    ['no end of the last line', `${HEAD}a_total 1`],
    ['a sample of no family', 'a_total 1\n'],
    ['a sample of another family', `${HEAD}b_total 1\n`],
    ['a type without its help', '# TYPE a_total counter\na_total 1\n'],
    ['an unknown type', '# HELP a_total What.\n# TYPE a_total number\na_total 1\n'],
    ['no value', `${HEAD}a_total\n`],
    ['a value that is no number', `${HEAD}a_total one\n`],
    ['not a number', `${HEAD}a_total NaN\n`],
    ['a counter below zero', `${HEAD}a_total -1\n`],
    ['labels without quotes', `${HEAD}a_total{x=1} 1\n`],
    ['a raw quote in a label', `${HEAD}a_total{x="a"b"} 1\n`],
    ['one label twice', `${HEAD}a_total{x="1",x="2"} 1\n`],
    ['one sample twice', `${HEAD}a_total{x="1"} 1\na_total{x="1"} 2\n`],
    ['one family twice', `${HEAD}a_total 1\n${HEAD}a_total 2\n`],
    [
      'buckets that shrink',
      `${TIMES}b_seconds_bucket{le="1"} 2\nb_seconds_bucket{le="+Inf"} 1\nb_seconds_sum 1\nb_seconds_count 1\n`,
    ],
    ['no bucket for all', `${TIMES}b_seconds_bucket{le="1"} 1\nb_seconds_sum 1\nb_seconds_count 1\n`],
  ])('refuses %s', (_, text) => {
    expect(() => readMetrics(text)).toThrow();
  });
});
