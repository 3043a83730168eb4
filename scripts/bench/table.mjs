/** Rows of the table: a figure's name, its words, decimals. */
const ROWS = [
  ['jobsPerSecond', 'end to end, jobs/s', 0],
  ['acceptsPerSecond', 'accepts/s, API alone', 0],
  ['pollsPerSecond', 'polls/s, API alone', 0],
  ['notModifiedPerSecond', 'polls/s answered 304', 0],
  ['backlogJobsPerSecond', 'jobs/s of a backlog, nobody submits', 0],
  ['submitP50Ms', 'submit p50 at half the accept rate, ms', 1],
  ['submitP99Ms', 'submit p99 at half the accept rate, ms', 1],
  ['busySubmitP50Ms', 'submit p50 at half the end-to-end rate, ms', 1],
  ['busySubmitP99Ms', 'submit p99 at half the end-to-end rate, ms', 1],
  ['pickUpP50Ms', 'pick-up p50, accept to claim, ms', 1],
  ['pickUpP99Ms', 'pick-up p99, accept to claim, ms', 1],
  ['callP50Ms', 'pick-up p50, accept to upstream, ms', 1],
  ['callP99Ms', 'pick-up p99, accept to upstream, ms', 1],
  ['apiCpuMs', 'CPU of the API for each job, ms', 2],
  ['workerCpuMs', 'CPU of the worker for each job, ms', 2],
  ['postgresCpuMs', 'CPU of PostgreSQL for each job, ms', 2],
  ['redisCpuMs', 'CPU of Redis for each job, ms', 2],
  ['upstreamCpuMs', 'CPU of the upstream for each job, ms', 2],
  ['idleWorkerMb', 'RSS of an idle worker, MB', 0],
  ['idleAfterWorkMb', 'RSS of a worker idle after its work, MB', 0],
  ['apiMb', 'RSS of the API, MB', 0],
  ['load', 'load average before a round', 2],
];

const HEADS = ['', 'floor', 'spread', 'Longhaul', 'spread', 'ratio'];

const shown = (number, decimals) => (number === null ? '–' : number.toFixed(decimals));
const spreadIn = (spread, decimals) =>
  spread === null || spread.rounds < 2
    ? ''
    : `${shown(spread.least, decimals)} – ${shown(spread.most, decimals)}`;

/** The figures of one back end as a Markdown table: medians, least to most, and Longhaul as a share of the floor. */
export function tableOf({ floor, longhaul }) {
  const rows = ROWS.flatMap(([name, words, decimals]) => {
    const [bare, own] = [floor[name] ?? null, longhaul[name] ?? null];
    if (bare === null && own === null) return [];
    const ratio = bare === null || own === null || bare.median === 0 ? null : own.median / bare.median;
    const cells = [bare, own].flatMap((spread) => [
      shown(spread?.median ?? null, decimals),
      spreadIn(spread, decimals),
    ]);
    return [[words, ...cells, name === 'load' ? '' : shown(ratio, 2)]];
  });
  return aligned([HEADS, ...rows]);
}

/** One line for each target. */
export const verdictsOf = (targets) =>
  aligned([
    ['target', 'wanted', 'got', ''],
    ...targets.map(({ what, wanted, got, holds }) => [
      ...[what, wanted, got === null ? '–' : got.toFixed(got < 10 ? 2 : 0)],
      holds === null ? '' : holds ? 'holds' : 'MISSED',
    ]),
  ]);

function aligned([heads, ...rows]) {
  const widths = heads.map((_, column) => Math.max(3, ...[heads, ...rows].map((row) => row[column].length)));
  const pad = (cell, column) => (column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]));
  const line = (row) => `| ${row.map(pad).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(heads), rule, ...rows.map(line)].join('\n');
}
