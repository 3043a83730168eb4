import { readdirSync } from 'node:fs';
import { FALLBACK_RULES, RULES } from '.';

describe('the rules', () => {
  it('are asked in the order of the policy', () => {
    expect(RULES.map(({ name }) => name)).toEqual([
      'allowed-provider',
      'key-present',
      'provider-on',
      'model-status',
      'allowed-model',
      'explicit-only',
      'capability',
      'fits-context',
      'fits-day',
      'healthy',
      'cost-ceiling',
    ]);
  });

  it('are one file each, with a spec beside it, and no file is left out', () => {
    const files = readdirSync(__dirname);
    const named = files
      .filter((file) => file.endsWith('.rule.ts'))
      .map((file) => file.replace('.rule.ts', ''));
    expect(named.sort()).toEqual([...RULES, ...FALLBACK_RULES].map(({ name }) => name).sort());
    for (const name of named) expect(files).toContain(`${name}.rule.spec.ts`);
  });
});
