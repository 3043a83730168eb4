import { existsSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';

/**
 * Preloaded into a process: as long as the pipe of that name is there, listing a folder `spool` hangs in a thread of Node's
 * pool, as it does on a disk that is away. A file beside the pipe says that one hangs.
 */
const { readdir } = promises;
const pipe = process.env.HANGING_DISK;

promises.readdir = (path, ...rest) => {
  if (!path.endsWith('/spool') || !existsSync(pipe)) return readdir(path, ...rest);
  writeFileSync(`${pipe}.hangs`, '');
  return promises.open(pipe);
};
