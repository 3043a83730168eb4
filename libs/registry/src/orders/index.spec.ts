import { readdirSync } from 'node:fs';
import { PROFILES } from '@longhaul/contract';
import { ORDERS, orderNamed, ordersOf } from '.';

const namesOf = (profile: (typeof PROFILES)[number]): string[] => ordersOf(profile).map(({ name }) => name);

describe('the ranking steps', () => {
  it('are one file each, with a spec beside it, and no file is left out', () => {
    const files = readdirSync(__dirname);
    const steps = ORDERS.map(({ name }) => name.replaceAll('_', '-'));
    const named = files
      .filter((file) => /^.+\.order\.ts$/.test(file))
      .map((file) => file.replace('.order.ts', ''));
    expect(named.sort()).toEqual([...steps].sort());
    for (const name of named) expect(files).toContain(`${name}.order.spec.ts`);
  });

  it('B14–B19: stand in one fixed order for the profiles fast, balanced and powerful', () => {
    const order = [
      'preferred_providers',
      'provider_priority',
      'provider_preference',
      'free_first',
      'cost',
      'tier',
      'rank',
    ];
    for (const profile of ['fast', 'balanced', 'powerful'] as const) expect(namesOf(profile)).toEqual(order);
  });

  it('A7: put the price before the order of providers for the profile cost', () => {
    expect(namesOf('cost')).toEqual([
      'preferred_providers',
      'free_first',
      'cost',
      'provider_priority',
      'provider_preference',
      'tier',
      'rank',
    ]);
  });

  it('are the same ones in every profile', () => {
    for (const profile of PROFILES) expect(namesOf(profile).sort()).toEqual(namesOf('fast').sort());
  });

  it('are found by their names, and say in a sentence what they put first', () => {
    for (const order of ORDERS) {
      expect(orderNamed(order.name)).toBe(order);
      expect(order.meaning).toMatch(/^[A-Z].*\.$/);
    }
    expect(orderNamed('luck')).toBeNull();
  });
});
