import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { readSpoolKeys } from './spool-keys';

const folder = mkdtempSync(join(tmpdir(), 'longhaul-spool-keys-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function fileWith(content: string, mode = 0o600): string {
  const path = join(folder, `key-${String((files += 1))}`);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => index));
const [base64, hex] = [bytes.toString('base64'), bytes.toString('hex')];

describe('the file of the spool’s keys', () => {
  it('holds one key per line, in base64 or hex, first the one that seals; remarks and empty lines are nothing', () => {
    const other = Buffer.from(bytes).reverse().toString('base64');
    const keys = readSpoolKeys(fileWith(`# since May\n${other}\n\n ${hex.toUpperCase()}\r\n`));
    expect(keys.map((key) => key.reveal())).toEqual([other, base64]);
    expect(inspect(keys)).not.toContain(base64);
  });

  it.each([
    ['a key that is too short', Buffer.alloc(31, 1).toString('base64')],
    ['a key that is too long', Buffer.alloc(33, 1).toString('base64')],
    ['a password', 'correct horse battery staple'],
    ['one byte repeated', Buffer.alloc(32).toString('hex')],
    ['a key and a stray word', `${base64}\nand-more`],
  ])('stops the boot for %s, and does not repeat it', (_, content) => {
    const path = fileWith(content);
    const read = (): unknown => readSpoolKeys(path);
    expect(read).toThrow(/LONGHAUL_SPOOL_KEY_FILE: .*:\d+ is/);
    for (const word of content.split('\n')) expect(read).not.toThrow(word);
  });

  it('stops the boot when it is empty, missing, or may be read by others', () => {
    expect(() => readSpoolKeys(fileWith('# nothing yet\n'))).toThrow('holds no key');
    expect(() => readSpoolKeys(join(folder, 'none'))).toThrow('does not exist');
    expect(() => readSpoolKeys(fileWith(base64, 0o640))).toThrow('its mode is 0640, wider than 0600');
  });
});
