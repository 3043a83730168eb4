import { readCommandLine } from './command-line';
import { Sandbox, startSandbox } from './server';

function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? `The sandbox's port is taken: ${message}. Choose another with --port.`
    : message;
}

/** Nothing here is worth a drain: the sandbox is an upstream, and upstreams go away. */
function stopOn(sandbox: Sandbox): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => void sandbox.close().finally(() => process.exit(0)));
  }
}

async function main(): Promise<void> {
  const sandbox = await startSandbox(readCommandLine(process.argv.slice(2)));
  stopOn(sandbox);
  process.stdout.write(
    `sandbox listening on ${sandbox.url}/v1 (models echo and reviewer; no language model)\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
});
