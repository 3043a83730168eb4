import { Refusal } from '../system/files.mjs';
import { listenerOn } from '../system/listener.mjs';
import { freePort, portIsFree } from '../system/ports.mjs';

/** Where the API will listen. A busy port is somebody else's: another is taken only by whoever says `ownPort`. */
export async function findPort({ host, port }, { ownPort, command }) {
  if (port === 0) return { host, port: await freePort(host) };
  if (await portIsFree(port, host)) return { host, port };
  if (ownPort) return { host, port: await freePort(host) };
  const listener = listenerOn(port);
  const who = listener
    ? `${listener.command} (pid ${listener.pid}) listens there. End it, or set`
    : 'somebody listens there already, or the address is not of this machine. Set';
  throw new Refusal(
    `Port ${port} on ${host} cannot be used: ${who} PORT to a free one, for example: PORT=${port + 1} ${command}`,
  );
}
