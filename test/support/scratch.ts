import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../..');

/** A new directory of this test run; the runner removes it. Root's database user may walk through it. */
export function scratchDirectory(label: string): string {
  const directory = mkdtempSync(join(process.env.LONGHAUL_TEST_DIR ?? tmpdir(), `${label}-`));
  chmodSync(directory, 0o711);
  return directory;
}

/**
 * Writes a process down, so that the runner ends it should this test process be killed before its clean-up. The
 * second line tells it from a later process with the same pid (as scripts/system/processes.mjs reads it).
 */
export function writeDown(label: string, pid: number): void {
  const { LONGHAUL_TEST_DIR } = process.env;
  if (LONGHAUL_TEST_DIR === undefined || process.platform !== 'linux') return;
  const directory = join(LONGHAUL_TEST_DIR, 'processes');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, String(pid)), `${label}\n${identityOf(pid)}`);
}

function identityOf(pid: number): string {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8');
  const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startedAt}`;
}

/** A port of 127.0.0.1 that nobody uses now. */
export function freePort(): Promise<number> {
  return new Promise((resolvePort, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen({ port: 0, host: '127.0.0.1' }, () => {
      const address = probe.address();
      probe.close(() =>
        typeof address === 'object' && address !== null
          ? resolvePort(address.port)
          : reject(new Error('The probe has no port.')),
      );
    });
  });
}

export const randomWord = (): string => randomBytes(6).toString('hex');
