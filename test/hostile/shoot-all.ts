import { ErrorCode } from '@longhaul/contract';
import { DIALECTS } from '@longhaul/providers';
import { fixturesOf } from '../contracts/dialect.bench';
import { HostileCase } from './case';
import { goodStreamOf } from './good-stream';
import { heightOf, residentMb } from './memory';
import { nothingCases } from './nothing-cases';
import { Outcome, Range } from './range';
import { emptyRefusals, refusalCases, refusalsInside } from './refusal-cases';
import { streamCases } from './stream-cases';
import { wireCases } from './wire-cases';

export type Wrong = Pick<Outcome, 'title' | 'must' | 'code' | 'text'>;

export interface HostileReport {
  readonly replies: number;
  readonly wrong: readonly Wrong[];
  /** How late the latest was after the clock that had to end it. */
  readonly latestMs: number;
  readonly memoryMb: {
    readonly before: number;
    readonly after: number;
    /** What the heaviest of the large replies took at its height. */
    readonly heaviest: number;
  };
  /** Asked for, and not there: the suite's own fault. */
  readonly unknownPaths: readonly string[];
  readonly poisoned: boolean;
}

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
  const small = cases.filter(({ isLarge }) => isLarge !== true);
  // A process that has worked is larger than one that has not, whatever it was sent.
  await range.shoot(small.filter(({ clock }, index) => clock === null && index % 2 === 0));
  const before = residentMb();
  const outcomes = await range.shoot(small);
  let heaviest = 0;
  for (const large of cases.filter(({ isLarge }) => isLarge === true)) {
    const shot = async (): Promise<unknown> => outcomes.push(...(await range.shoot([large])));
    heaviest = Math.max(heaviest, await heightOf(shot));
  }
  await range.close();
  return {
    replies: outcomes.length,
    wrong: outcomes
      .filter((each) => !isRight(each, good.text))
      .map(({ title, must, code, text }) => ({ title, must, code, text: text.slice(0, 80) })),
    latestMs: Math.max(...outcomes.map(({ overMs }) => overMs)),
    memoryMb: { before, after: residentMb(), heaviest },
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
