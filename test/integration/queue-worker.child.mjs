/**
 * A worker process for the suites that kill one. Arguments: kind, URL, lane, lease in ms.
 * Says `handling <job>` for each ticket and never ends one.
 */
import { transformFileSync } from '@swc/core';
import Module, { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const require = createRequire(path.join(root, 'package.json'));
const resolve = Module._resolveFilename;
Module._resolveFilename = (request, ...rest) =>
  resolve(request.replace(/^@longhaul\/(\w+)$/, `${root}/libs/$1/src/index.ts`), ...rest);
Module._extensions['.ts'] = (module, file) => {
  const parser = { syntax: 'typescript', decorators: true };
  const transform = { legacyDecorator: true, decoratorMetadata: true };
  const { code } = transformFileSync(file, {
    jsc: { parser, transform, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  module._compile(code, file);
};

require('reflect-metadata');
const { chooseBackEnd, Lanes } = require('./libs/queue/src/index.ts');

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
