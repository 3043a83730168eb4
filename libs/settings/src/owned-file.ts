import { closeSync, constants, fstatSync, openSync, readFileSync, Stats } from 'node:fs';
import { SettingsError } from './settings-error';

const WIDER_THAN_0600 = 0o177;

/** Why a file must not be trusted with secrets, and the fix; null when it may be. */
export function refusalOf(
  stat: Pick<Stats, 'mode' | 'uid'> & { isFile(): boolean },
  runningUid: number | null,
): { readonly problem: string; readonly fix: string } | null {
  if (!stat.isFile()) return { problem: 'it is not a regular file', fix: 'Point to the file itself' };
  if ((stat.mode & WIDER_THAN_0600) !== 0) {
    const mode = (stat.mode & 0o777).toString(8).padStart(4, '0');
    return { problem: `its mode is ${mode}, wider than 0600`, fix: 'Run chmod 600 on it' };
  }
  if (runningUid !== null && stat.uid !== runningUid && stat.uid !== 0) {
    return {
      problem: 'it belongs to another user',
      fix: 'Run chown on it: to the user of Longhaul, or to root',
    };
  }
  return null;
}

/**
 * Reads a file that holds secrets; null when there is none. Anything but a regular file of this user or root with
 * mode 0600 or less is refused. Checked on the open descriptor, so that nothing can be swapped in between.
 * @param reason who asks for the file, e.g. `KIMI_API_KEY_FILE`.
 */
export function readOwnedFile(path: string, reason: string): string | null {
  const refuse = (problem: string, fix: string): never => {
    throw new SettingsError(`${reason} names ${path}, which is refused: ${problem}`, fix);
  };
  let descriptor: number;
  try {
    // O_NONBLOCK: opening a named pipe would otherwise wait for a writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (fault) {
    const code = (fault as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    if (code === 'ELOOP') return refuse('it is a symbolic link', 'Point to the file itself');
    return refuse(`it cannot be opened (${code ?? 'unknown fault'})`, 'Make it readable for this user alone');
  }
  try {
    const refusal = refusalOf(fstatSync(descriptor), process.getuid?.() ?? null);
    return refusal === null ? readFileSync(descriptor, 'utf8') : refuse(refusal.problem, refusal.fix);
  } finally {
    closeSync(descriptor);
  }
}
