import { readOwnedFile } from './owned-file';
import { Secret } from './secret';
import { SettingsError } from './settings-error';

const KEY_BYTES = 32;
const HEX = /^[0-9a-f]{64}$/i;
const BASE64 = /^[A-Za-z0-9+/]{43}=$/;
const FIX = 'Write one key per line, made with: openssl rand -base64 32';

/**
 * The keys of the spool: one per line, 32 bytes as base64 or hex. The first seals, each of them opens.
 * @returns each as base64
 */
export function readSpoolKeys(path: string): readonly Secret[] {
  const content = readOwnedFile(path, 'LONGHAUL_SPOOL_KEY_FILE');
  if (content === null)
    throw new SettingsError(
      `LONGHAUL_SPOOL_KEY_FILE names ${path}, which does not exist`,
      'Create it, or unset it',
    );
  const lines = content.split(/\r?\n/).map((line) => line.trim());
  const keys = lines.flatMap((line, index) =>
    line === '' || line.startsWith('#') ? [] : [new Secret(keyOf(line, `${path}:${String(index + 1)}`))],
  );
  if (keys.length > 0) return keys;
  throw new SettingsError(`LONGHAUL_SPOOL_KEY_FILE names ${path}, which holds no key`, FIX);
}

/** Complaints name the line, never what stands in it. */
function keyOf(line: string, place: string): string {
  const bytes = HEX.test(line)
    ? Buffer.from(line, 'hex')
    : Buffer.from(BASE64.test(line) ? line : '', 'base64');
  if (bytes.length !== KEY_BYTES)
    throw new SettingsError(`LONGHAUL_SPOOL_KEY_FILE: ${place} is no key of 32 bytes in base64 or hex`, FIX);
  if (bytes.every((byte) => byte === bytes[0]))
    throw new SettingsError(`LONGHAUL_SPOOL_KEY_FILE: ${place} is one byte repeated, which is no key`, FIX);
  return bytes.toString('base64');
}
