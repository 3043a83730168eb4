import fc from 'fast-check';
import { parseAnswer } from './parse';

const item = {
  file: 'a.ts',
  line: 3,
  quote: 'const a = "{";',
  title: 'T',
  severity: 'high',
  explanation: 'E',
};
const claim = { ...item };
const answer = (items: unknown[], note?: string): string => JSON.stringify({ findings: items, note });
const parsed = (text: string) => {
  const result = parseAnswer(text);
  if (result === null) throw new Error('Nothing was readable.');
  return result;
};

describe('parseAnswer', () => {
  it('reads the plain form', () => {
    expect(parsed(answer([item], 'All read.'))).toEqual({
      claims: [claim],
      unreadable: 0,
      note: 'All read.',
      closed: true,
    });
    expect(parsed('{"findings":[]}')).toEqual({ claims: [], unreadable: 0, note: null, closed: true });
  });

  it.each([
    ['a fence', '```json\n' + answer([item]) + '\n```'],
    ['a byte order mark', '\uFEFF' + answer([item])],
    ['thoughts with braces', '<think>maybe {"findings":[]} ?</think>' + answer([item])],
    ['prose around it', `Here it is (in {braces}): ${answer([item])} Hope that helps :-}`],
    ['an outer object', `{"result":${answer([item])}}`],
    ['an outer list', `[${answer([item])}]`],
    ['an object before it', `{"plan":"look"}\n${answer([item])}`],
    ['a bare list', JSON.stringify([item])],
    ['a bare item in prose', `I found: ${JSON.stringify(item)}.`],
  ])('reads through %s', (_what, text) =>
    expect(parsed(text)).toMatchObject({ claims: [claim], unreadable: 0 }),
  );

  it('keeps the findings of both objects when a model answers twice', () => {
    const text = `${answer([item])}\n{"findings":[],"note":"N"}`;
    expect(parsed(text)).toMatchObject({ claims: [claim], note: 'N', closed: true });
  });

  it('doubles escapes that JSON does not know, and so keeps the quote', () => {
    const text = String.raw`{"findings":[{"file":"a","line":1,"quote":"/\d+\.js$/ \"x\" \\n","title":"T"}]}`;
    expect(parsed(text).claims[0]?.quote).toBe(String.raw`/\d+\.js$/ "x" \n`);
  });

  it('takes raw line ends and tabs inside strings', () => {
    expect(parsed('{"findings":[{"file":"a","quote":"one\n\ttwo","title":"T"}]}').claims[0]?.quote).toBe(
      'one\n\ttwo',
    );
  });

  it('keeps only the complete items of a cut-off answer, wherever it is cut', () => {
    const items = [item, { ...item, title: 'T2', quote: 'x } ] "' }, { ...item, title: 'T3' }];
    const text = answer(items, 'end');
    const ends = items.map((each) => text.indexOf(JSON.stringify(each)) + JSON.stringify(each).length);
    for (let cut = text.indexOf('[') + 1; cut < text.length - '"end"}'.length; cut++) {
      const { claims, closed } = parsed(text.slice(0, cut));
      expect(claims).toEqual(items.slice(0, ends.filter((end) => end <= cut).length));
      expect(closed).toBe(cut > text.indexOf('],"note"'));
    }
  });

  it('counts bad items and keeps the good ones around them', () => {
    const bad = [
      null,
      5,
      'x',
      {},
      { ...item, quote: 7 },
      { ...item, file: ' ' },
      { ...item, title: '', explanation: '' },
    ];
    expect(parsed(answer([...bad, item]))).toMatchObject({ claims: [claim], unreadable: bad.length });
  });

  it('finds the next item after one with a stray quotation mark', () => {
    const broken = '{"file":"a.ts","line":1,"quote":"say "hi","title":"T"}';
    const text = `{"findings":[${broken},${JSON.stringify(item)}],"note":"N"}`;
    expect(parsed(text)).toMatchObject({ claims: [claim], unreadable: 1, closed: true, note: 'N' });
  });

  it.each([
    '',
    'I cannot help with that.',
    '[]',
    '{}',
    '{"findings":"none"}',
    '{"findings":null}',
    '{"a":[{"b":1}]}',
    '<think>',
  ])('calls %j unreadable', (text) => expect(parseAnswer(text)).toBeNull());

  it.each([
    [12, 12],
    ['12', 12],
    ['L12-15', 12],
    [0, null],
    [-4, 4],
    [undefined, null],
    [{}, null],
    ['none', null],
  ])('reads the line %j as %j', (line, expected) =>
    expect(parsed(answer([{ ...item, line }])).claims[0]?.line).toBe(expected),
  );

  it.each([
    ['CRITICAL', 'critical'],
    ['blocker', 'critical'],
    ['Major', 'high'],
    ['warning', 'medium'],
    ['nit', 'low'],
    ['??', 'medium'],
    [undefined, 'medium'],
  ])('reads the severity %j as %s', (severity, expected) =>
    expect(parsed(answer([{ ...item, severity }])).claims[0]?.severity).toBe(expected),
  );

  it('cuts long texts without halving a character, and replaces what cannot be stored', () => {
    const long = {
      ...item,
      title: 'x'.repeat(118) + '\u{1F600}\u{1F600}',
      explanation: 'e\u0000'.repeat(2000),
    };
    const [claimed] = parsed(answer([long], 'n\ud800')).claims;
    expect(claimed?.title).toBe('x'.repeat(118) + '…');
    expect(claimed?.explanation).toHaveLength(1200);
    expect(claimed?.explanation).not.toContain('\u0000');
    expect(parsed(answer([], 'n\ud800')).note).toBe('n\uFFFD');
  });

  it('reads hostile answers in bounded time', () => {
    const startedMs = performance.now();
    const hostile = ['{', '{"file":"', '{"findings":[', '"findings":[{"file":', '[{', '\\"'];
    for (const piece of hostile) parseAnswer('{"findings":[' + piece.repeat(20_000));
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });

  it('never throws, and round-trips any well-formed list', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseAnswer(text)));
    const text = fc
      .string({ minLength: 1, maxLength: 100, unit: 'grapheme' })
      .filter((each) => each.trim() !== '');
    fc.assert(
      fc.property(
        fc.array(fc.record({ file: text, quote: text, title: text })),
        fc.string(),
        (items, prose) => {
          const result = parseAnswer(`${prose.replace(/["{\\<]/g, '')}\n${answer(items)}\nDone.`);
          expect(result?.claims.map(({ quote }) => quote)).toEqual(items.map(({ quote }) => quote));
        },
      ),
    );
  });
});
