import { policyFault, PolicySource } from './redis-policy';

const lines: string[] = [];
const log = { warn: (line: string) => lines.push(line), error: (line: string) => lines.push(line) };

const server = (memory: string, config: () => Promise<unknown>): PolicySource => ({
  info: async () => memory,
  config,
});
const forbidden = () => Promise.reject(new Error("NOPERM this user has no permissions to run 'config|get'"));

describe('the eviction policy of a Redis', () => {
  beforeEach(() => lines.splice(0));

  it('is accepted when nothing is evicted', async () => {
    const redis = server('# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n', forbidden);
    await expect(policyFault(redis, log)).resolves.toBeNull();
    expect(lines).toEqual([]);
  });

  it('is refused with the name of the setting when keys may be evicted', async () => {
    const redis = server('maxmemory_policy:allkeys-lru\r\n', forbidden);
    const fault = await policyFault(redis, log);
    expect(fault?.code).toBe('config_rejected');
    expect(fault?.message).toMatch(/maxmemory-policy is allkeys-lru.*maxmemory-policy noeviction/s);
  });

  it('is asked for by CONFIG when INFO leaves it out', async () => {
    const redis = server('# Memory\r\n', async () => ['maxmemory-policy', 'volatile-ttl']);
    expect((await policyFault(redis, log))?.message).toContain('volatile-ttl');
  });

  it('is taken on trust, with a warning, from a server that forbids CONFIG', async () => {
    await expect(policyFault(server('# Memory\r\n', forbidden), log)).resolves.toBeNull();
    expect(lines).toEqual([expect.stringContaining('make sure that it is noeviction')]);
  });
});
