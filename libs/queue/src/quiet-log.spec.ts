import { QuietLog, messageOf } from './quiet-log';

function recorded() {
  const lines: string[] = [];
  let nowMs = 0;
  const log = new QuietLog(
    { warn: (line) => lines.push(`warn ${line}`), error: (line) => lines.push(`error ${line}`) },
    () => nowMs,
  );
  return { lines, log, pass: (ms: number) => (nowMs += ms) };
}

describe('the quiet log', () => {
  it('says the same thing once in ten seconds, then says how often it was left out', () => {
    const { lines, log, pass } = recorded();
    log.warn('away');
    log.warn('away');
    log.warn('away');
    pass(10_000);
    log.warn('away');
    expect(lines).toEqual(['warn away', 'warn away (and 2 times more)']);
  });

  it('does not hold back another message', () => {
    const { lines, log } = recorded();
    log.warn('away');
    log.error('wrong policy');
    expect(lines).toEqual(['warn away', 'error wrong policy']);
  });

  it('does not grow without bound', () => {
    const { lines, log } = recorded();
    for (let index = 0; index < 1000; index += 1) log.warn(`ticket ${index}`);
    expect(lines).toHaveLength(1000);
    log.warn('ticket 999');
    expect(lines).toHaveLength(1000);
  });

  it('finds words for an error without a message', () => {
    expect(messageOf(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toBe('ECONNREFUSED');
    expect(messageOf('text')).toBe('text');
  });
});
