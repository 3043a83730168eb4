import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const FOLDER = path.dirname(fileURLToPath(import.meta.url));

/** Those that must be there, whatever else is. */
export const REQUIRED = [
  'no-fence-check',
  'no-ring-check',
  'slot-as-a-counter',
  'ack-before-commit',
  'bell-outside-the-transaction',
  'takeover-without-grace',
  'attempt-row-after-the-call',
  'cancel-not-checked-at-claim',
  'spool-after-commit',
  'idempotency-read-then-write',
  'deadline-ignored-in-retry-wait',
  'poison-not-counted',
];

const HEAD = /^# (defect|breaks|run): (.+)$/gm;

/** Every defect: `{ name, file, defect, breaks, run }`, as the head of its patch tells it. */
export function patches() {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.patch'))
    .sort()
    .map((file) => {
      const whole = path.join(FOLDER, file);
      const head = Object.fromEntries(
        [...readFileSync(whole, 'utf8').matchAll(HEAD)].map(([, key, value]) => [key, value]),
      );
      return { name: path.basename(file, '.patch'), file: whole, ...head };
    });
}
