import { breachesIn } from './floors';
import { sourceFiles } from './source-files';

const planted = (path: string, text: string) => breachesIn([{ path, text }]);

describe('the floors', () => {
  it('hold in every file of apps and libs', () => {
    expect(breachesIn(sourceFiles())).toEqual([]);
  });

  it.each([
    ['libs/queue/src/x.ts', `import { Records } from '@longhaul/records';`, 'sideways'],
    ['libs/records/src/x.ts', `import { JobService } from '@longhaul/jobs';`, 'upwards'],
    ['libs/contract/src/x.ts', `import { Settings } from '@longhaul/settings';`, 'sideways'],
    ['libs/jobs/src/x.ts', `import { x } from '../../records/src/database';`, 'reaches into'],
    ['libs/jobs/src/x.ts', `import { x } from '@longhaul/records/src/database';`, 'only door'],
    ['libs/jobs/src/x.ts', `import { Queue } from 'bullmq';`, 'only libs/queue'],
    ['apps/api/src/x.ts', `import { Pool } from 'pg';`, 'only libs/records'],
    ['apps/api/src/x.ts', `import { drizzle } from 'drizzle-orm/node-postgres';`, 'only libs/records'],
    ['libs/jobs/src/x.ts', `import { Agent } from 'undici';`, 'only libs/providers'],
    ['libs/jobs/src/x.ts', `import { Counter } from 'prom-client';`, 'only libs/metrics'],
    ['apps/worker/src/x.ts', `import '../../api/src/y';`, 'reaches into'],
    ['libs/jobs/src/x.ts', `const port = process.env.PORT;`, 'process.env'],
  ])('catch a breach planted in %s', (path, text, word) => {
    expect(planted(path, text)).toEqual([expect.stringContaining(word)]);
  });

  it('let settings speak the contract’s words, and every library look down', () => {
    expect(planted('libs/settings/src/x.ts', `import { GatewayError } from '@longhaul/contract';`)).toEqual(
      [],
    );
    expect(planted('libs/jobs/src/x.ts', `import { Records } from '@longhaul/records';`)).toEqual([]);
  });
});
