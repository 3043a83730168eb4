import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export const SNAPSHOT_FILE = 'registry-snapshot.json';

/**
 * Replaces the file as a whole: whoever reads it sees the old one or the new one. Several processes of one data
 * directory may do so at once, so each writes beside it under a name of its own. @returns the path
 */
export function writeSnapshotFile(dataDir: string, snapshot: object): string {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, SNAPSHOT_FILE);
  const beside = `${path}.${String(process.pid)}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    writeFileSync(beside, `${JSON.stringify(snapshot, null, 2)}\n`);
    renameSync(beside, path);
  } catch (thrown) {
    rmSync(beside, { force: true });
    throw thrown;
  }
  return path;
}
