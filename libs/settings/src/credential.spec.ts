import { createHash } from 'node:crypto';
import { credentialOf } from './credential';
import { Secret } from './secret';

describe('the name of a credential', () => {
  it('is the provider and twelve digits of a hash, the same in every process and another for another key', () => {
    const digits = createHash('sha256').update('longhaul:credential:sk-one').digest('hex').slice(0, 12);
    expect(credentialOf({ name: 'glm', key: new Secret('sk-one') })).toBe(`glm:${digits}`);
    expect(credentialOf({ name: 'glm', key: new Secret('sk-two') })).not.toBe(`glm:${digits}`);
  });

  it('is the provider alone where there is no key', () => {
    expect(credentialOf({ name: 'ollama', key: null })).toBe('ollama');
  });
});
