import { readdirSync, readFileSync } from 'node:fs';
import { signal, waitUntil } from './processes.mjs';

const FREEZE_MS = 10_000;

/** A process and its children, the parent first, so that it starts no new one meanwhile. Linux alone. */
export const familyOf = (pid) => [
  pid,
  ...readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && fieldsOf(name)?.parent === pid)
    .map(Number),
];

function fieldsOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, parent: Number(parent) };
  } catch {
    return null;
  }
}

/** PostgreSQL's backends are sessions of their own: a signal to the group of their parent does not reach them. */
export function signalFamily(pid, name) {
  for (const member of familyOf(pid)) signal(member, name);
}

/** A signal is not yet a stop, and the parent may be starting a child: done when all have been seen to stand. */
export async function freezeFamily(pid) {
  const moving = () =>
    familyOf(pid).filter((member) => !['T', 'Z', undefined].includes(fieldsOf(member)?.state));
  const stand = () => {
    for (const member of moving()) signal(member, 'SIGSTOP');
    return moving().length === 0;
  };
  if (!(await waitUntil(stand, FREEZE_MS)))
    throw new Error(`The processes of pid ${pid} do not stand still.`);
}
