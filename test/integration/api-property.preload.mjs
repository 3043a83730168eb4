/** Loaded into the API of the property test: tells on SIGUSR2 how late its event loop was, and every stray fault. */
import { readFileSync } from 'node:fs';

const EVERY_MS = 10;
const MAIN_THREAD = `/proc/self/task/${process.pid}/schedstat`;

/** How long the main thread was ready to run and had no processor: other work on the machine, and not the loop's. */
function waitedMs() {
  try {
    return Number(readFileSync(MAIN_THREAD, 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}

let lateMs = [];
let due = performance.now() + EVERY_MS;
let waited = waitedMs();
setInterval(() => {
  const [now, waitedNow] = [performance.now(), waitedMs()];
  lateMs.push(Math.max(0, now - due - (waitedNow - waited)));
  [due, waited] = [now + EVERY_MS, waitedNow];
}, EVERY_MS).unref();

process.on('SIGUSR2', () => {
  const sorted = lateMs.sort((one, other) => one - other);
  const at = (share) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  const lag = { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
  process.stdout.write(`\nEVENT-LOOP ${JSON.stringify(lag)}\n`);
  lateMs = [];
});
for (const event of ['uncaughtExceptionMonitor', 'unhandledRejection']) {
  process.on(event, (error) => process.stderr.write(`\nSTRAY-FAULT ${event} ${String(error?.stack)}\n`));
}
