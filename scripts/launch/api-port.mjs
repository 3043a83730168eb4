import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'smol-toml';
import { Refusal } from '../system/files.mjs';
import { ROOT } from '../system/paths.mjs';
import { freePort, portIsFree } from '../system/ports.mjs';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 3000;

/** Where the API will listen. A busy port is somebody else's: another is taken only by whoever says `ownPort`. */
export async function findPort(env, { ownPort, command }) {
  const file = longhaulToml(env);
  const host = env.HOST || (file.host ?? DEFAULT_HOST);
  const stated = env.PORT || (file.port ?? DEFAULT_PORT);
  const port = Number(stated);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Refusal(`PORT must be a whole number from 0 to 65535, not "${stated}".`);
  }
  if (port === 0) return { host, port: await freePort(host) };
  if (await portIsFree(port, host)) return { host, port };
  if (ownPort) return { host, port: await freePort(host) };
  throw new Refusal(
    `Port ${port} on ${host} cannot be used: somebody listens there already, or the address is not of this ` +
      `machine. Set PORT to a free one, for example: PORT=${port + 1} ${command}`,
  );
}

/** What the file says; nothing where it cannot be read. The API reads it again, and names the line that is wrong. */
function longhaulToml(env) {
  const directory = path.resolve(ROOT, env.LONGHAUL_CONFIG_DIR?.trim() || 'config');
  try {
    return parse(readFileSync(path.join(directory, 'longhaul.toml'), 'utf8'));
  } catch {
    return {};
  }
}
