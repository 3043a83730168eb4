import { bootFailure, listenFailure } from './boot-failure';
import { SettingsError } from './settings-error';

const failed = (code: string) => Object.assign(new Error(`listen ${code}`), { code });
const PLACE = { host: '127.0.0.1', port: 3000, variables: { host: 'HOST', port: 'PORT' } };

describe('a process that cannot start', () => {
  it('says what a wrong setting is and how to mend it, without a stack', () => {
    const fault = new SettingsError('unknown key `prot`', 'Did you mean `port`?', {
      file: 'config/longhaul.toml',
      line: 7,
    });
    expect(bootFailure('The API cannot start', fault)).toBe(
      'The API cannot start: config/longhaul.toml:7: unknown key `prot`. Did you mean `port`?',
    );
  });

  it('keeps the stack of a fault that nobody foresaw', () => {
    expect(bootFailure('The API cannot start', new TypeError('x is not a function'))).toContain(
      'boot-failure.spec.ts',
    );
  });

  it.each([
    [
      'EADDRINUSE',
      'port 3000 on 127.0.0.1 is taken by another program. Set PORT to a free one, e.g. PORT=3001',
    ],
    ['EACCES', 'port 3000 on 127.0.0.1 may not be used by this user. Set PORT to a free one, e.g. PORT=3001'],
    ['EADDRNOTAVAIL', '127.0.0.1 is no address of this machine. Set HOST to one that is'],
  ])('names the variable when listening fails with %s', (code, message) => {
    expect(listenFailure(failed(code), PLACE)).toEqual(expect.objectContaining({ message }));
  });

  it('leaves every other fault as it is', () => {
    const fault = failed('EMFILE');
    expect(listenFailure(fault, PLACE)).toBe(fault);
  });
});
