import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from './entry';
import { syncFolder } from './own-log';

/** Why something in the spool is kept for people to look at, and tried by nobody. */
export type Aside = Fault | 'refused';

const SUFFIXES = { unknown_key: 'unreadable', broken: 'unreadable', refused: 'refused' } as const;

/** How a file that was set aside is called; nothing that ends so is read again. */
export const asideName = (stem: string, why: Aside): string => `${stem}.${SUFFIXES[why]}`;

/** @returns false when another process of this host has set it aside already */
export async function writeAside(path: string, bytes: Buffer | string): Promise<boolean> {
  const file = await open(path, 'wx', 0o600).catch((thrown: unknown) => {
    if ((thrown as { code?: string }).code === 'EEXIST') return null;
    throw thrown;
  });
  if (file === null) return false;
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
  return true;
}

/** A whole log; for one that nobody writes any more. @returns its new name */
export async function moveAside(folder: string, name: string): Promise<string> {
  const aside = asideName(name, 'broken');
  await rename(join(folder, name), join(folder, aside));
  await syncFolder(folder);
  return aside;
}
