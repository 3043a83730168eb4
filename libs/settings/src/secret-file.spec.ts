import { join } from 'node:path';
import { ConfigFolder, providerBlock } from './config-folder.fixtures';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write('providers.toml', providerBlock('one'));
});
afterEach(() => {
  folder.remove();
});

const DATABASE = 'postgresql://longhaul:secret-word@db/longhaul';

describe('a store’s URL', () => {
  it('may stand in a file of its own; the variable itself comes first', () => {
    const file = folder.write('database_url', `${DATABASE}\n`);
    const { databaseUrl, effective } = folder.load({ DATABASE_URL_FILE: file });
    expect(databaseUrl).toBe(DATABASE);
    expect(effective.find(({ name }) => name === 'DATABASE_URL')).toMatchObject({
      value: 'set',
      place: 'DATABASE_URL_FILE',
    });
    const redisUrl = 'redis://redis:6379';
    const both = { DATABASE_URL_FILE: file, DATABASE_URL: 'postgresql://elsewhere/longhaul' };
    expect(folder.load({ ...both, REDIS_URL_FILE: folder.write('redis_url', redisUrl) })).toMatchObject({
      databaseUrl: 'postgresql://elsewhere/longhaul',
      redisUrl,
    });
  });

  it.each([
    { why: 'others may read it', content: DATABASE, mode: 0o644, complaint: 'refused: its mode is 0644' },
    { why: 'it is empty', content: ' \n', mode: 0o600, complaint: 'which is empty' },
    { why: 'it holds no URL', content: 'secret-word', mode: 0o600, complaint: 'has a wrong value' },
  ])('stops the boot, and is not repeated, when $why', ({ content, mode, complaint }) => {
    const file = folder.write('database_url', content, mode);
    const { message } = folder.refusal({ DATABASE_URL_FILE: file });
    expect(message).toContain(complaint);
    expect(message).not.toContain('secret-word');
  });

  it('stops the boot when its file is missing', () => {
    const file = join(folder.path, 'none');
    expect(folder.refusal({ DATABASE_URL_FILE: file }).message).toContain('does not exist');
  });
});

describe('the spool’s keys', () => {
  it('are none unless their file is named', () => {
    expect(folder.load().spoolKeys).toEqual([]);
    const file = folder.write(
      'spool_key',
      Buffer.from('0123456789abcdef0123456789abcdef').toString('base64'),
    );
    const { spoolKeys } = folder.load({ LONGHAUL_SPOOL_KEY_FILE: file });
    expect(spoolKeys.map((key) => Buffer.from(key.reveal(), 'base64').toString())).toEqual([
      '0123456789abcdef0123456789abcdef',
    ]);
    expect(JSON.stringify(folder.load({ LONGHAUL_SPOOL_KEY_FILE: file }))).not.toContain(
      spoolKeys[0]?.reveal(),
    );
  });
});
