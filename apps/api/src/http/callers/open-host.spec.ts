import { refuseOpenHost } from './open-host';

describe('an API without keys', () => {
  it.each(['0.0.0.0', '::', '192.168.1.5', 'gateway.example', '127.evil.example'])(
    'does not start on %s, and the refusal says how to make a key',
    (host) =>
      expect(() => refuseOpenHost({ host, apiKeysFile: null })).toThrow(
        /^HOST is .*, but no caller needs a key\. .*npm run key -- --name .*LONGHAUL_API_KEYS_FILE/,
      ),
  );

  it.each(['127.0.0.1', '127.3.2.1', 'localhost', '::1', '[::1]'])('starts on %s', (host) =>
    expect(() => refuseOpenHost({ host, apiKeysFile: null })).not.toThrow(),
  );
});

it('an API with keys starts on any address', () => {
  expect(() => refuseOpenHost({ host: '0.0.0.0', apiKeysFile: '/etc/longhaul/keys.json' })).not.toThrow();
});
