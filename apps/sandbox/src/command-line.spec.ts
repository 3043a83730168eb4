import { readCommandLine } from './command-line';

describe('the command line of the sandbox', () => {
  it('listens on 4010 unless told', () => {
    expect(readCommandLine([])).toEqual({ port: 4010 });
  });

  it('takes port, pace and log file', () => {
    expect(readCommandLine(['--port', '0', '--pace', '5', '--log', 'calls.log'])).toEqual({
      port: 0,
      paceMs: 5,
      logFile: 'calls.log',
    });
  });

  it.each([
    [['--port'], '--port needs a value'],
    [['--port', 'x'], '--port must be a whole number from 0 to 65535, not "x"'],
    [['--pace', '-1'], '--pace must be a whole number'],
    [['--speed', '1'], '--speed is not known'],
  ])('refuses %j and shows the usage', (words, message) => {
    expect(() => readCommandLine(words)).toThrow(message);
    expect(() => readCommandLine(words)).toThrow('Usage: sandbox');
  });
});
