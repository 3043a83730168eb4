import { Refusal } from '../system/files.mjs';
import { freePort, portIsFree } from '../system/ports.mjs';

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_PORT = 3000;

/** Where the API will listen. A busy port is somebody else's: another is taken only by whoever says `ownPort`. */
export async function findPort(env, { ownPort, command }) {
  const host = env.HOST || DEFAULT_HOST;
  const port = Number(env.PORT || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new Refusal(`PORT must be a whole number from 1 to 65535, not "${env.PORT}".`);
  }
  if (await portIsFree(port, host)) return { host, port };
  if (ownPort) return { host, port: await freePort(host) };
  throw new Refusal(
    `Port ${port} on ${host} cannot be used: somebody listens there already, or the address is not of this ` +
      `machine. Set PORT to a free one, for example: PORT=${port + 1} ${command}`,
  );
}
