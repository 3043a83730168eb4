import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { DIALECT_NAMES } from '@longhaul/providers';
import { CLOCKS } from '../hostile/range';
import type { HostileReport } from '../hostile/shoot-all';

jest.setTimeout(240_000);

/** Far later than any of them is; what hangs is later still. The real figure is printed. */
const LATE_MS = 10_000;

/** The report of a process that did nothing else, and its exit code. */
async function shoot(dialect: string): Promise<{ report: HostileReport; exitCode: number | null }> {
  const child = fork(join(__dirname, '../hostile/shooter.child.mjs'), [dialect], { execArgv: [] });
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const reported = once(child, 'message') as Promise<[HostileReport]>;
  const [report] = await Promise.race([
    reported,
    exited.then(([code]) => {
      throw new Error(`The client of ${dialect} ended with ${String(code)} before it had called everywhere.`);
    }),
  ]);
  const [exitCode] = await exited;
  return { report, exitCode };
}

describe.each(DIALECT_NAMES)('hostile replies to the dialect %s', (name) => {
  let report: HostileReport;
  let exitCode: number | null;

  beforeAll(async () => {
    ({ report, exitCode } = await shoot(name));
    const { replies, wrong, latestMs, memoryMb } = report;
    process.stderr.write(
      `hostile replies, ${name}: ${String(replies)} replies, ${String(replies - wrong.length)} told right; ` +
        `the latest ended ${latestMs.toFixed(0)} ms after its clock (of ${String(CLOCKS.firstTokenMs)} to ${String(CLOCKS.totalMs)} ms); ` +
        `memory ${memoryMb.before.toFixed(0)} MB before, ${memoryMb.after.toFixed(0)} after, ${memoryMb.heaviest.toFixed(0)} more at the height of the heaviest\n`,
    );
  });

  it('are more than 250, and none crashes the client', () => {
    expect(report.replies).toBeGreaterThan(250);
    expect([exitCode, report.unknownPaths, report.poisoned]).toEqual([0, [], false]);
  });

  it('are told what they are: bad HTTP, nothing, a stream that is cut, stalled, flooded or harmed, a refusal in disguise', () => {
    expect(report.wrong).toEqual([]);
  });

  it('end by their clock', () => {
    expect(report.latestMs).toBeLessThan(LATE_MS);
  });

  it('weigh at most 64 MB, a hundred megabytes of anything too', () => {
    const { before, after, heaviest } = report.memoryMb;
    expect(heaviest).toBeLessThan(64);
    expect(after - before).toBeLessThan(64);
  });
});
