import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '@longhaul/settings';
import { readKeysFile } from './keys-file';
import { BAD_KEYS_FILES, GOOD_KEY as ci } from './keys-file.fixtures';

describe('the file of API keys', () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'longhaul-keys-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  function write(content: unknown, mode = 0o600): string {
    const path = join(directory, 'keys.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    chmodSync(path, mode);
    return path;
  }

  const refusal = (path: string): string => {
    try {
      readKeysFile(path);
    } catch (error) {
      if (error instanceof SettingsError) return error.message;
      throw error;
    }
    throw new Error('The file was accepted.');
  };

  it('gives each caller its digest and scopes', () => {
    const root = { name: 'root@home', sha256: 'B'.repeat(64), scopes: ['jobs', 'admin'] };
    expect(readKeysFile(write({ keys: [ci, root] }))).toEqual([
      { name: 'ci', digest: Buffer.from(ci.sha256, 'hex'), scopes: ['jobs'] },
      { name: 'root@home', digest: Buffer.from('b'.repeat(64), 'hex'), scopes: ['jobs', 'admin'] },
    ]);
  });

  it.each([0o640, 0o604, 0o644, 0o666])('is refused with mode %o, and the fix is named', (mode) =>
    expect(refusal(write({ keys: [ci] }, mode))).toContain('chmod 600'),
  );

  it('is refused behind a symbolic link', () => {
    const link = join(directory, 'link.json');
    symlinkSync(write({ keys: [ci] }), link);
    expect(refusal(link)).toContain('symbolic link');
  });

  it('is refused when it is missing, or a directory', () => {
    expect(refusal(join(directory, 'none.json'))).toMatch(/does not exist\. .*npm run key -- --name/);
    expect(refusal(directory)).toContain('not a regular file');
  });

  it.each(BAD_KEYS_FILES)(
    'is refused with %s, and the message names the place but no secret',
    (_, content, message) => {
      const said = refusal(write(content));
      expect(said).toContain(message);
      expect(said).toContain('keys.json');
      expect(said).not.toContain('sk-clear');
    },
  );
});
