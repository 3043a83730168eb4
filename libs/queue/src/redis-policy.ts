import { GatewayError } from '@longhaul/contract';
import { messageOf, QueueLog } from './quiet-log';

/** The two commands that tell the policy. ioredis fits. */
export interface PolicySource {
  info(section: string): Promise<string>;
  config(subcommand: 'GET', name: string): Promise<unknown>;
}

const REQUIRED = 'noeviction';

/**
 * Null when the server keeps what it is given, else why it must not be used. A server that tells its policy by
 * neither command (managed ones forbid CONFIG, some trim INFO) is used, with a warning.
 */
export async function policyFault(server: PolicySource, log: QueueLog): Promise<GatewayError | null> {
  const policy = (await policyFromInfo(server)) ?? (await policyFromConfig(server, log));
  if (policy === null || policy === REQUIRED) return null;
  return new GatewayError(
    'config_rejected',
    `The Redis at REDIS_URL evicts keys (maxmemory-policy is ${policy}), so tickets and locks could vanish. ` +
      `Set "maxmemory-policy ${REQUIRED}" in its configuration, or CONFIG SET maxmemory-policy ${REQUIRED}, and start again.`,
  );
}

/** Whether the server follows another one, and so takes no writes. False where it does not tell. */
export const isReplica = async (server: Pick<PolicySource, 'info'>): Promise<boolean> =>
  (await fieldOf(server, 'replication', 'role')) === 'slave';

const policyFromInfo = (server: PolicySource): Promise<string | null> =>
  fieldOf(server, 'memory', 'maxmemory_policy');

async function fieldOf(
  server: Pick<PolicySource, 'info'>,
  section: string,
  name: string,
): Promise<string | null> {
  const lines = (await server.info(section)).split(/\r?\n/);
  const prefix = `${name}:`;
  return (
    lines
      .find((line) => line.startsWith(prefix))
      ?.slice(prefix.length)
      .trim() ?? null
  );
}

async function policyFromConfig(server: PolicySource, log: QueueLog): Promise<string | null> {
  try {
    const pair = await server.config('GET', 'maxmemory-policy');
    const policy: unknown = Array.isArray(pair) ? pair[1] : undefined;
    if (typeof policy === 'string') return policy;
  } catch (thrown) {
    log.warn(
      `Redis does not tell its maxmemory-policy (${messageOf(thrown)}); make sure that it is ${REQUIRED}.`,
    );
    return null;
  }
  log.warn(`Redis does not tell its maxmemory-policy; make sure that it is ${REQUIRED}.`);
  return null;
}
