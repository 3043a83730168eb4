import { Records } from '@longhaul/records';
import { Secret } from '@longhaul/settings';
import { listingsOf, provider } from '../../libs/registry/src/registry.fixtures';
import { ProviderOverview } from '../../libs/jobs/src/overview-providers';

/** A database in which nothing has happened. */
const figures = {
  lanes: () => Promise.resolve([]),
  limits: () => Promise.resolve([]),
  lastErrors: () => Promise.resolve([]),
} as unknown as Records['figures'];

const health = {
  circuits: () => Promise.resolve({ now: new Date(0), circuits: [] }),
} as unknown as Records['health'];

const overviewOf = (changes: Parameters<typeof provider>[1]): ProviderOverview =>
  new ProviderOverview(listingsOf({ providers: [provider('one', changes)], models: [] }), {
    figures,
    health,
  });

describe('a provider as it is shown', () => {
  it.each([
    ['https://one.example/v1', 'https://one.example/v1'],
    ['https://one.example:8443/v1/', 'https://one.example:8443/v1'],
    ['https://one.example/', 'https://one.example'],
    ['https://who:secret@one.example/v1?key=secret#secret', 'https://one.example/v1'],
  ])('has no secret in its address %s, should the settings ever let one through', async (baseUrl, shown) => {
    const view = await overviewOf({ baseUrl }).find('one');
    expect(view.base_url).toBe(shown);
    expect(JSON.stringify(view)).not.toContain('secret');
  });

  it.each([
    [{ keySource: 'ONE_API_KEY' }, { present: true, variables: ['ONE_API_KEY'], source: 'ONE_API_KEY' }],
    [{ keySource: '/home/me/.keys/one' }, { present: true, variables: ['ONE_API_KEY'], source: 'file' }],
    [
      { key: null, keySource: null },
      { present: false, variables: ['ONE_API_KEY'], source: null },
    ],
  ])('tells of its key the variable, or that it was a file: %j', async (changes, key) => {
    const whole = { key: new Secret('sk-of-one'), keyVariables: ['ONE_API_KEY'], ...changes };
    const view = await overviewOf(whole).find('one');
    expect(view.key).toEqual(key);
    expect(JSON.stringify(view)).not.toMatch(/sk-of-one|home/);
  });
});
