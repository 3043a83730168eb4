import { fixturesOf } from '../contracts/dialect.bench';
import { formOf, streamOf } from '../contracts/dialect-stream';

/** The good stream of one protocol, in its records. */
export interface GoodStream {
  readonly bytes: Buffer;
  readonly text: string;
  readonly records: readonly string[];
  /** Which record is the first with text. */
  readonly firstText: number;
  readonly keepAlive: string;
  /** JSON as a record of its own. */
  readonly record: (json: string) => string;
}

/** Out of the first recorded answer, whose text must hold an ü. */
export function goodStreamOf(dialect: string): GoodStream {
  const [good] = fixturesOf(dialect, 'answers');
  if (good === undefined) throw new Error(`The dialect ${dialect} has no recorded answer.`);
  const { bytes } = streamOf(dialect, good);
  const { separator, keepAlive } = formOf(dialect);
  const records = bytes
    .toString()
    .split(separator)
    .filter((each) => each.trim() !== '')
    .map((each) => each + separator);
  const text = String(good.gives?.['text']);
  return {
    ...{ bytes, text, records, keepAlive },
    firstText: records.findIndex((each) => each.includes(text.slice(0, 3))),
    record: (json) => (separator === '\n' ? `${json}\n` : `data: ${json}\n\n`),
  };
}
