import { SettingsError } from './settings-error';

/**
 * What a person reads when a process cannot start or go on. A fault that its message explains (settings, stores)
 * comes without a stack; anything else is a bug, and keeps it.
 * @param what e.g. `The API cannot start`
 */
export function bootFailure(what: string, thrown: unknown): string {
  if (!(thrown instanceof Error)) return `${what}: it threw something that is no Error.`;
  const explained = thrown instanceof SettingsError || thrown.name === 'GatewayError';
  return `${what}: ${explained ? thrown.message : (thrown.stack ?? thrown.message)}`;
}

/** An address that could not be listened on, in words that name its variable. Other faults come back as they are. */
export function listenFailure(
  thrown: unknown,
  place: {
    readonly host: string;
    readonly port: number;
    readonly variables: { readonly host: string; readonly port: string };
  },
): unknown {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  const where = `port ${String(place.port)} on ${place.host}`;
  const { variables } = place;
  const another = `Set ${variables.port} to a free one, e.g. ${variables.port}=${String(place.port + 1)}`;
  if (code === 'EADDRINUSE') return new SettingsError(`${where} is taken by another program`, another);
  if (code === 'EACCES') return new SettingsError(`${where} may not be used by this user`, another);
  if (code === 'EADDRNOTAVAIL') {
    return new SettingsError(
      `${place.host} is no address of this machine`,
      `Set ${variables.host} to one that is`,
    );
  }
  return thrown;
}
