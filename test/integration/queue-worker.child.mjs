/**
 * A worker process for the suites that kill one. Arguments: kind, URL, lane, lease in ms.
 * Says `handling <job>` for each ticket and never ends one.
 */
import { loadTypeScript } from '../support/typescript.mjs';

const { chooseBackEnd, Lanes } = loadTypeScript()('libs/queue/src/index.ts');

const [kind, url, lane, leaseMs] = process.argv.slice(2);
const log = { warn: () => undefined, error: () => undefined };
const backEnd = chooseBackEnd({
  redisUrl: kind === 'redis' ? url : null,
  databaseUrl: kind === 'postgres' ? url : null,
  lanes: 1,
  log,
  onFatal: () => process.exit(1),
});
await backEnd.open();
const handle = (ticket) => {
  process.stdout.write(`handling ${ticket.jobId}\n`);
  return new Promise(() => undefined);
};
await new Lanes({ backEnd, lanes: [{ lane, cap: 5 }], leaseMs: Number(leaseMs), handle, log }).start();
process.stdout.write('ready\n');
