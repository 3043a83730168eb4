import { encode, END, fails, headOf, HostileCase, RESET, SAME, send, Step, Verdict } from './case';
import { GoodStream } from './good-stream';

const MEGABYTE = 'x'.repeat(1024 * 1024);
const CUT = fails('stream_truncated', 'malformed_response');
const UNREADABLE = fails('malformed_response');
const MOST_CUTS = 60;

type Made = Omit<HostileCase, 'clock'> & { readonly clock?: HostileCase['clock'] };

const reply = (title: string, must: Verdict, ...steps: readonly Step[]): Made => ({
  title,
  must,
  steps: [send(headOf()), ...steps],
});
const whole = (title: string, must: Verdict, text: string | Buffer): Made =>
  reply(title, must, send(text), END);

/** What can befall a stream of this protocol on its way. */
export function streamCases(good: GoodStream): HostileCase[] {
  const made = [
    ...cuts(good),
    ...pieces(good),
    ...silences(good),
    ...harmedRecords(good),
    ...harmlessOnes(good),
    ...floods(good),
    ...usages(good),
  ];
  return made.map((each) => ({ clock: null, ...each }));
}

function cuts({ bytes, records }: GoodStream): Made[] {
  const whole_ = Buffer.byteLength(bytes.toString().trimEnd());
  const step = Math.max(1, Math.ceil(whole_ / MOST_CUTS));
  const places = Array.from({ length: Math.floor((whole_ - 1) / step) }, (_, index) => (index + 1) * step);
  const borders = records
    .slice(0, -1)
    .map((_, index) => Buffer.byteLength(records.slice(0, index + 1).join('')));
  return [...new Set([...places, ...borders])].flatMap((at) => [
    reply(`closes after ${String(at)} bytes`, CUT, send(bytes.subarray(0, at)), END),
    reply(
      `resets after ${String(at)} bytes`,
      fails('stream_truncated', 'malformed_response', 'network_error'),
      send(bytes.subarray(0, at)),
      RESET,
    ),
  ]);
}

const pieces = ({ bytes }: GoodStream): Made[] => [
  reply('comes byte by byte', SAME, { bytewise: encode(bytes) }, END),
  ...[2, 3, 7, 64].map((size) =>
    reply(
      `comes in pieces of ${String(size)} bytes`,
      SAME,
      ...Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
        send(bytes.subarray(index * size, (index + 1) * size)),
      ),
      END,
    ),
  ),
  reply('closes only after its client', SAME, send(bytes)),
  ...[
    'application/json',
    'text/plain',
    'text/html',
    'image/png',
    'application/x-ndjson; charset=utf-16',
    'text/event-stream',
  ].map((type): Made => ({
    title: `calls itself ${type}`,
    must: SAME,
    steps: [send(headOf({ headers: [`content-type: ${type}`] })), send(bytes), END],
  })),
];

function silences({ records, firstText, keepAlive }: GoodStream): Made[] {
  const timeout = fails('timeout');
  const until = (count: number): Step => send(records.slice(0, count).join(''));
  const beat: Step = { beat: encode(keepAlive), everyMs: 20 };
  const stalls = records.slice(0, -1).map((_, index): Made => ({
    ...reply(`falls silent after record ${String(index + 1)}`, timeout, until(index + 1)),
    clock: index >= firstText ? 'idle' : 'firstToken',
  }));
  return [
    ...stalls,
    { ...reply('sends keep-alives for ever', timeout, beat), clock: 'firstToken' },
    {
      ...reply('sends keep-alives for ever after its first text', timeout, until(firstText + 1), beat),
      clock: 'idle',
    },
    { ...reply('drips white space', timeout, { beat: encode('\n'), everyMs: 20 }), clock: 'firstToken' },
    {
      ...reply('drips text for ever', timeout, until(firstText + 1), {
        beat: encode(records[firstText] ?? ''),
        everyMs: 20,
      }),
      clock: 'total',
    },
  ];
}

function harmedRecords({ records, record }: GoodStream): Made[] {
  const harms: readonly (readonly [string, string])[] = [
    ['broken JSON', '{"broken'],
    ['null', 'null'],
    ['a number', '42'],
    ['a string', '"text"'],
    ['a list', '[]'],
    ['NaN', '{"a":NaN}'],
    ['a raw NUL', '{"a":"\0"}'],
    ['prose', 'something went wrong'],
    ['a page', '<html></html>'],
  ];
  const at = (index: number, json: string): string =>
    records.map((each, place) => (place === index ? record(json) : each)).join('');
  return records.flatMap((_, index) =>
    harms.map(([what, json]) =>
      whole(
        `has ${what} in place of record ${String(index + 1)}`,
        index === 0 ? CUT : UNREADABLE,
        at(index, json),
      ),
    ),
  );
}

function harmlessOnes({ bytes, records, keepAlive, record, firstText }: GoodStream): Made[] {
  const text = bytes.toString();
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
  const withMember = (member: string): string =>
    records.map((each, index) => (index === firstText ? each.replace('{', `{${member},`) : each)).join('');
  const afterMultibyte = Buffer.from(text).indexOf(Buffer.from('ü'));
  const badUtf8 = Buffer.from(text);
  badUtf8[afterMultibyte] = 0xff;
  return [
    whole('has a byte order mark', SAME, `\ufeff${text}`),
    whole('has CRLF line ends', SAME, text.replaceAll('\n', '\r\n')),
    whole('begins with blank lines', SAME, `\n\n\n${text}`),
    whole('has keep-alives between all records', SAME, records.join(keepAlive)),
    whole('begins with ten thousand keep-alives', SAME, keepAlive.repeat(10_000) + text),
    whole(
      'has a member that would poison prototypes',
      SAME,
      withMember('"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}'),
    ),
    whole('has a member fifty thousand deep', SAME, withMember(`"deep":${deep}`)),
    whole('has a member of one and a half megabytes', SAME, withMember(`"long":"${'y'.repeat(1_500_000)}"`)),
    whole(
      'has numbers beyond every number',
      SAME,
      withMember('"large":1e999,"small":-1e999,"long":123456789012345678901234567890'),
    ),
    whole('has bad UTF-8 in its text', { textHas: '\ufffd' }, badUtf8),
    whole('says more after its closing mark', SAME, text + record('{"more":1}')),
    whole('says rubbish after its closing mark', SAME, `${text}}}}]]<<`),
    reply('sends a hundred megabytes after its closing mark', SAME, send(text), send(MEGABYTE, 100), END),
    whole('says it all twice', SAME, text + text),
  ];
}

const floods = (stream: GoodStream): Made[] =>
  largeReplies(stream).map((each) => ({ ...each, isLarge: true }));

const largeReplies = ({ records, record, firstText, keepAlive }: GoodStream): Made[] => [
  reply(
    'sends one line of a hundred megabytes',
    UNREADABLE,
    send(record('{"a":"').trimEnd()),
    send(MEGABYTE, 100),
    END,
  ),
  reply(
    'sends a record of three megabytes',
    UNREADABLE,
    send(record(`{"a":"${'z'.repeat(3_000_000)}"}`)),
    send(records.join('')),
    END,
  ),
  reply(
    'sends a hundred megabytes of one JSON',
    UNREADABLE,
    send('{"a":"'),
    send(MEGABYTE, 100),
    send('"}'),
    END,
  ),
  reply('sends a hundred megabytes of white space', UNREADABLE, send(' '.repeat(1024 * 1024), 100), END),
  reply(
    'sends a hundred megabytes of keep-alives',
    UNREADABLE,
    send(keepAlive.repeat(20_000), Math.ceil(5_000 / keepAlive.length)),
    END,
  ),
  reply(
    'sends a hundred megabytes of text',
    UNREADABLE,
    send(records.slice(0, firstText).join('')),
    send((records[firstText] ?? '').repeat(1_000), Math.ceil(100_000 / (records[firstText] ?? ' ').length)),
    END,
  ),
  reply('sends a hundred megabytes of noise', UNREADABLE, send(Buffer.alloc(1024 * 1024, 0xee), 100), END),
  reply('sends a hundred megabytes of zeros', UNREADABLE, send(Buffer.alloc(1024 * 1024), 100), END),
];

/** Whatever is said of tokens, the answer stands, and no count may be one that cannot be. */
const usages = ({ records }: GoodStream): Made[] =>
  ['-1', '1e308', '1.5', '"many"', 'null', '[]', '{}', '99999999999999999999', 'true'].map((value) =>
    whole(
      `counts ${value} tokens`,
      { textHas: '' },
      records
        .map((each) =>
          /usage|eval_count/i.test(each)
            ? each.replace(/("\w*(?:tokens?|count)\w*":) *\d+/gi, `$1${value}`)
            : each,
        )
        .join(''),
    ),
  );
