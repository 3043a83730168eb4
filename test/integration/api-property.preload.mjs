/** Loaded into the API of the property test: tells on SIGUSR2 how late its event loop was, and every stray fault. */
import { monitorEventLoopDelay } from 'node:perf_hooks';

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();
const ms = (nanoseconds) => Math.round(nanoseconds / 1e6);
process.on('SIGUSR2', () => {
  const lag = { p50Ms: ms(delay.percentile(50)), p99Ms: ms(delay.percentile(99)), maxMs: ms(delay.max) };
  process.stdout.write(`\nEVENT-LOOP ${JSON.stringify(lag)}\n`);
  delay.reset();
});
for (const event of ['uncaughtExceptionMonitor', 'unhandledRejection']) {
  process.on(event, (error) => process.stderr.write(`\nSTRAY-FAULT ${event} ${String(error?.stack)}\n`));
}
