import { join } from 'node:path';
import { CrashSwitch } from '@longhaul/contract';
import { Settings } from '@longhaul/settings';
import { Seal } from './seal';
import { Spool, SpoolParts } from './spool';

/** The spool of a process, as its settings have it. */
export function spoolIn(settings: Settings, parts: SpoolParts, now: () => number): Spool {
  const { dataDir, spoolKeys, clocks, crashPoint } = settings;
  const seal = new Seal(spoolKeys.map((key) => Buffer.from(key.reveal(), 'base64')));
  const options = { listingMs: clocks.leaseMs / 40, rotateMs: clocks.leaseMs / 4, seal, now };
  return new Spool(join(dataDir, 'spool'), options, { ...parts, crash: CrashSwitch.of(crashPoint) });
}
