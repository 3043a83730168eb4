import fc from 'fast-check';
import { Seal } from './seal';

const key = (byte: number): Buffer =>
  Buffer.from(Array.from({ length: 32 }, (_, index) => (byte + index) % 256));
const HEAD = 'job_a 3 1700000000000 ';
const JSON_TEXT = '{"text":"paid for, in full: ✓"}';

describe('a sealed body', () => {
  it('opens under its own head and with its own key, whatever it says', () => {
    const seal = new Seal([key(1)]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const json = JSON.stringify({ text });
        const body = seal.close(HEAD, json);
        expect(body).not.toContain('\n');
        expect(seal.open(HEAD, body)).toEqual({ json });
      }),
    );
  });

  it('shows nothing of what it holds, and is never the same twice', () => {
    const seal = new Seal([key(1)]);
    const bodies = new Set(Array.from({ length: 1000 }, () => seal.close(HEAD, JSON_TEXT)));
    expect(bodies.size).toBe(1000);
    const [, , first = ''] = [...bodies][0]?.split('.') ?? [];
    expect(Buffer.from(first, 'base64').toString('latin1')).not.toContain('paid');
  });

  it('is broken by any byte that is another', () => {
    const seal = new Seal([key(1)]);
    const body = seal.close(HEAD, JSON_TEXT);
    const opened = [...body].map((character, index) => {
      const other = character === 'A' ? 'B' : 'A';
      return seal.open(HEAD, `${body.slice(0, index)}${other}${body.slice(index + 1)}`);
    });
    expect(opened.filter((each) => 'json' in each)).toEqual([]);
  });

  it('is broken when it is cut short anywhere, but for nothing at all', () => {
    const seal = new Seal([key(1)]);
    const body = seal.close(HEAD, JSON_TEXT);
    const opened = Array.from({ length: body.length }, (_, end) => seal.open(HEAD, body.slice(0, end)));
    expect(opened.filter((each) => 'json' in each)).toEqual([]);
  });

  it('does not open behind the head of another job, claim or time', () => {
    const seal = new Seal([key(1)]);
    const body = seal.close(HEAD, JSON_TEXT);
    for (const head of ['job_b 3 1700000000000 ', 'job_a 4 1700000000000 ', 'job_a 3 1700000000001 '])
      expect(seal.open(head, body)).toEqual({ fault: 'broken' });
  });

  it('opens with an old key that is still held, and says so when the key is unknown', () => {
    const body = new Seal([key(1)]).close(HEAD, JSON_TEXT);
    expect(new Seal([key(2), key(1)]).open(HEAD, body)).toEqual({ json: JSON_TEXT });
    expect(new Seal([key(2)]).open(HEAD, body)).toEqual({ fault: 'unknown_key' });
    expect(new Seal([]).open(HEAD, body)).toEqual({ fault: 'unknown_key' });
  });

  it('is the body itself without a key, and such a one opens with keys too', () => {
    expect(new Seal([]).close(HEAD, JSON_TEXT)).toBe(JSON_TEXT);
    expect(new Seal([key(1)]).open(HEAD, JSON_TEXT)).toEqual({ json: JSON_TEXT });
  });
});
