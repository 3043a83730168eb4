import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, ROOT, scratchDirectory } from '../support/scratch';

/** Where a launcher with this environment would let the API listen; its refusal where it would not. */
function placeOf(env: Readonly<Record<string, string>>): unknown {
  const program = `
    import { findPort } from './scripts/launch/api-port.mjs';
    import { readSettings } from './scripts/launch/settings.mjs';
    const options = { ownPort: false, command: 'npm start' };
    const find = async () => findPort(readSettings(${JSON.stringify(env)}).http, options);
    const place = await find().catch((error) => error.message);
    process.stdout.write(JSON.stringify(place));`;
  const words = ['--input-type=module', '--eval', program];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

function configOf(longhaulToml: string): Readonly<Record<string, string>> {
  const directory = scratchDirectory('config');
  cpSync(join(ROOT, 'config'), directory, { recursive: true });
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

  it('is nowhere while a file cannot be read, whatever the environment says', async () => {
    const port = await freePort();
    expect(placeOf({ ...configOf('port = = 1'), PORT: String(port) })).toMatch(/longhaul\.toml:1/);
  });

  it('is nowhere for a port that is none', () => {
    expect(placeOf({ PORT: 'abc' })).toMatch(/PORT has a wrong value\. .*0 up to 65535/);
  });
});

describe('the pause before what died is started again', () => {
  it('doubles from 0.5 s to 30 s, and begins anew after a life of 60 s', () => {
    const program = `
      import { Pauses } from './scripts/launch/pauses.mjs';
      const pauses = new Pauses();
      const lives = [9, 0, 59_999, 0, 0, 0, 0, 0, 60_000, 0];
      process.stdout.write(JSON.stringify(lives.map((livedMs) => pauses.after(livedMs))));`;
    const words = ['--input-type=module', '--eval', program];
    const { stdout } = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual([500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 500, 1000]);
  });
});
