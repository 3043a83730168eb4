import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, ROOT, scratchDirectory } from '../support/scratch';

/** Where a launcher with this environment would let the API listen; its refusal where it would not. */
function placeOf(env: Readonly<Record<string, string>>): unknown {
  const program = `
    import { findPort } from './scripts/launch/api-port.mjs';
    const options = { ownPort: false, command: 'npm start' };
    const place = await findPort(${JSON.stringify(env)}, options).catch((error) => error.message);
    process.stdout.write(JSON.stringify(place));`;
  const words = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

function configOf(longhaulToml: string): Readonly<Record<string, string>> {
  const directory = scratchDirectory('config');
  writeFileSync(join(directory, 'longhaul.toml'), longhaulToml);
  return { LONGHAUL_CONFIG_DIR: directory };
}

describe('where npm start lets the API listen', () => {
  it('is the host and port of longhaul.toml', async () => {
    const port = await freePort();
    const config = configOf(`host = "localhost"\nport = ${String(port)}\n`);
    expect(placeOf(config)).toEqual({ host: 'localhost', port });
  });

  it('is that of the environment where both name one', async () => {
    const port = await freePort();
    const config = configOf('host = "localhost"\nport = 1\n');
    expect(placeOf({ ...config, HOST: '127.0.0.1', PORT: String(port) })).toEqual({
      host: '127.0.0.1',
      port,
    });
  });

  it('is a free port for 0', () => {
    expect(placeOf({ PORT: '0' })).toEqual({ host: '127.0.0.1', port: expect.any(Number) });
    expect(placeOf({ PORT: '0' })).not.toMatchObject({ port: 0 });
  });

  it('leaves a file that cannot be read to the API, which names the fault', async () => {
    const port = await freePort();
    expect(placeOf({ ...configOf('port = = 1'), PORT: String(port) })).toEqual({ host: '127.0.0.1', port });
  });

  it('is nowhere for a port that is none', () => {
    expect(placeOf({ PORT: 'abc' })).toMatch(/^PORT must be .*"abc"/);
  });
});
