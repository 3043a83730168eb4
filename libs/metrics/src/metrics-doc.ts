import { code, GeneratedPage, markdownPage, markdownTable } from '@longhaul/settings';
import { Instrument } from './instrument';
import { INSTRUMENTS } from './instruments';

const rowOf = ({ name, kind, labels, help }: Instrument): string[] => [
  code(name),
  kind,
  labels.map(code).join(', '),
  help,
];

const bucketLines = (): string[] =>
  INSTRUMENTS.filter(({ kind }) => kind === 'histogram').map(
    ({ name, buckets }) => `- ${code(name)}: ${buckets.join(', ')}`,
  );

/** docs/metrics.md. */
const renderMetricsDoc = (): string =>
  markdownPage('Metrics', [
    'The API and every worker answer `GET /metrics` in the text format of Prometheus: the API on its port, a worker on its health port. No key is asked for. Counters are those of one process since its start, so sum them over all; the lane gauges are read from PostgreSQL and are the same in every process, so take the maximum. While PostgreSQL is away the lane gauges are absent and `longhaul_database_up` is 0.',
    'No label holds a prompt, a key, a caller or a job id.',
    markdownTable(['Name', 'Kind', 'Labels', 'Meaning'], INSTRUMENTS.map(rowOf)),
    '## Upper bounds of the histograms, in seconds',
    bucketLines().join('\n'),
  ]);

/** The generated pages of this library. */
export const metricsPages = (): readonly GeneratedPage[] => [
  { path: 'docs/metrics.md', content: renderMetricsDoc() },
];
