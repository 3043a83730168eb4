import { readFileSync } from 'node:fs';
import os from 'node:os';

/** What the processors of this machine have done so far, in ticks; null where the system does not tell. */
export function processorTicks() {
  try {
    const [user, nice, system, idle, ioWait, irq, softIrq, stolen] = readFileSync('/proc/stat', 'utf8')
      .split('\n')[0]
      .split(/\s+/)
      .slice(1)
      .map(Number);
    const busy = user + nice + system + irq + softIrq;
    return { busy, stolen, all: busy + idle + ioWait + stolen };
  } catch {
    return null;
  }
}

/** What a bound of time was measured on. A processor that another machine of the same host has is no processor of ours. */
export function machineSince(before) {
  const now = processorTicks();
  const count = `${os.availableParallelism()} processors`;
  if (before === null || now === null) return count;
  const share = (of) => `${Math.round((100 * (now[of] - before[of])) / (now.all - before.all))} %`;
  return `${count}: ${share('busy')} busy, ${share('stolen')} taken by other machines of the host`;
}
