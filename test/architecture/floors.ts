import { posix } from 'node:path';
import { importsOf, SourceFile } from './source-files';

/** A file imports its own library or a lower floor, never sideways, never up. Apps stand above all. */
const FLOORS: Readonly<Record<string, number>> = {
  contract: 0,
  settings: 0,
  registry: 1,
  providers: 1,
  records: 1,
  queue: 1,
  metrics: 1,
  jobs: 2,
};
const APP_FLOOR = 3;

/** The one step sideways: settings may speak the contract's words. */
const SIDEWAYS: readonly string[] = ['settings>contract'];

/** One owner per outside thing. */
const OWNERS: Readonly<Record<string, string>> = {
  bullmq: 'queue',
  ioredis: 'queue',
  pg: 'records',
  'drizzle-orm': 'records',
  undici: 'providers',
  'prom-client': 'metrics',
};

interface Place {
  readonly name: string;
  readonly floor: number;
}

function placeOf(path: string): Place | null {
  const [root, name] = path.split('/');
  if (name === undefined) return null;
  if (root === 'apps') return { name: `apps/${name}`, floor: APP_FLOOR };
  const floor = FLOORS[name];
  return root === 'libs' && floor !== undefined ? { name, floor } : null;
}

const packageOf = (specifier: string): string => specifier.split('/')[0] ?? specifier;

function faultOf(file: SourceFile, place: Place, specifier: string): string | null {
  if (specifier.startsWith('.')) {
    const target = posix.normalize(posix.join(posix.dirname(file.path), specifier));
    return placeOf(target)?.name === place.name
      ? null
      : `reaches into ${target}; go through its @longhaul/ door`;
  }
  if (specifier.startsWith('@longhaul/')) return libraryFault(place, specifier);
  const owner = OWNERS[packageOf(specifier)];
  const isForeign = owner !== undefined && owner !== place.name && !file.path.endsWith('.spec.ts');
  return isForeign ? `imports ${specifier}, which only libs/${owner} may` : null;
}

function libraryFault(place: Place, specifier: string): string | null {
  const [, name = '', ...deeper] = specifier.split('/');
  const floor = FLOORS[name];
  if (floor === undefined) return `imports ${specifier}, which is no library`;
  if (deeper.length > 0) return `imports ${specifier}; index.ts is a library's only door`;
  if (name === place.name) return `imports its own library through ${specifier}; use a relative path`;
  if (floor < place.floor || SIDEWAYS.includes(`${place.name}>${name}`)) return null;
  return `imports ${specifier} ${floor === place.floor ? 'sideways' : 'upwards'}`;
}

const ENVIRONMENT = /process\.env\b/;

/** Every breach of the floors in these files, one sentence each. */
export function breachesIn(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => {
    const place = placeOf(file.path);
    if (!place) return [`${file.path} stands on no floor; name its library in test/architecture/floors.ts`];
    const faults = importsOf(file).flatMap((specifier) => faultOf(file, place, specifier) ?? []);
    if (ENVIRONMENT.test(file.text) && place.name !== 'settings' && !file.path.endsWith('.spec.ts'))
      faults.push('reads process.env, which only libs/settings may');
    return faults.map((fault) => `${file.path} ${fault}`);
  });
}
