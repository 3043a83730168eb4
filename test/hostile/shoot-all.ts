import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ErrorCode } from '@longhaul/contract';
import { DIALECTS } from '@longhaul/providers';
import { fixturesOf } from '../contracts/dialect.bench';
import { HostileCase } from './case';
import { goodStreamOf } from './good-stream';
import { nothingCases } from './nothing-cases';
import { Outcome, Range } from './range';
import { emptyRefusals, refusalCases, refusalsInside } from './refusal-cases';
import { streamCases } from './stream-cases';
import { wireCases } from './wire-cases';

const MEGABYTE = 1024 * 1024;

export type Wrong = Pick<Outcome, 'title' | 'must' | 'code' | 'text'>;

export interface HostileReport {
  readonly replies: number;
  readonly wrong: readonly Wrong[];
  /** How late the latest was after the clock that had to end it. */
  readonly latestMs: number;
  readonly memoryMb: { readonly before: number; readonly peak: number; readonly after: number };
  /** Asked for, and not there: the suite's own fault. */
  readonly unknownPaths: readonly string[];
  readonly poisoned: boolean;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const residentMb = (): number => process.memoryUsage.rss() / MEGABYTE;

/** Every case against one dialect. Makes the replies before it measures: they are not the dialect's weight. */
export async function shootAll(name: string): Promise<HostileReport> {
  const dialect = DIALECTS.find((each) => each.name === name);
  if (dialect === undefined) throw new Error(`There is no dialect ${name}.`);
  const range = new Range(dialect);
  await range.open();
  const good = goodStreamOf(name);
  const empty = emptyRefusals();
  const byStatus = await codesByStatus(range, empty);
  const cases: readonly HostileCase[] = [
    ...wireCases(good.bytes),
    ...nothingCases(),
    ...streamCases(good),
    ...refusalCases(byStatus),
    ...refusalsInside(fixturesOf(name, 'refusals'), good),
  ];
  // A process that has worked is larger than one that has not, whatever it was sent.
  await range.shoot(
    cases.filter(({ clock, isLarge }, index) => clock === null && isLarge !== true && index % 2 === 0),
  );
  collectGarbage();
  const before = residentMb();
  let peak = before;
  const watch = setInterval(() => (peak = Math.max(peak, residentMb())), 10);
  const outcomes = await range.shoot(cases);
  clearInterval(watch);
  collectGarbage();
  await range.close();
  return {
    replies: outcomes.length,
    wrong: outcomes
      .filter((each) => !isRight(each, good.text))
      .map(({ title, must, code, text }) => ({ title, must, code, text: text.slice(0, 80) })),
    latestMs: Math.max(...outcomes.map(({ overMs }) => overMs)),
    memoryMb: { before, peak, after: residentMb() },
    unknownPaths: range.unknownPaths,
    poisoned: 'polluted' in {},
  };
}

async function codesByStatus(
  range: Range,
  empty: ReturnType<typeof emptyRefusals>,
): Promise<ReadonlyMap<number, ErrorCode>> {
  const outcomes = await range.shoot(empty.map(({ refusal }) => refusal));
  return new Map(empty.map(({ status }, index) => [status, outcomes[index]?.code as ErrorCode]));
}

function isRight({ must, code, text, counts }: Outcome, goodText: string): boolean {
  if ('codes' in must) return must.codes.includes(code as ErrorCode);
  if (code !== null || !counts.every((count) => Number.isInteger(count) && count >= 0)) return false;
  return 'same' in must ? text === goodText : text.includes(must.textHas) && text !== '';
}
