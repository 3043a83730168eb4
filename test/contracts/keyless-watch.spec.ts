import { HealthBoard } from '@longhaul/registry';
import { ProviderSettings } from '@longhaul/settings';
import { policySettings, provider } from '../../libs/registry/src/registry.fixtures';
import { KeylessWatch, ListsModels } from '../../libs/jobs/src/keyless-watch';

const keyless = (name: string, changes: Partial<ProviderSettings> = {}): ProviderSettings =>
  provider(name, { auth: 'none', key: null, keyVariables: [], ...changes });

/** Answers by name; the rest is silent. */
class Upstreams implements ListsModels {
  readonly asked: string[] = [];
  constructor(readonly lists: Record<string, readonly string[] | null>) {}
  of({ name }: ProviderSettings): Promise<readonly string[] | null> {
    this.asked.push(name);
    const list = this.lists[name];
    return list === undefined ? Promise.reject(new Error('refused')) : Promise.resolve(list);
  }
}

const watchOver = (providers: readonly ProviderSettings[], lists: Upstreams, everyMs = 60_000) => {
  const board = new HealthBoard();
  const settings = { providers, policy: policySettings({ bareModelProvider: 'ollama_cloud' }) };
  return {
    board,
    watch: new KeylessWatch({ settings: () => settings, lists, board }, { everyMs, timeoutMs: 1 }),
  };
};
const refusal = (board: HealthBoard, name: string): string | null =>
  board.refusal({ provider: name, model: 'm' });

describe('the watch over providers without a key', () => {
  it('refuses what the policy chooses of one that is silent, and only of such', async () => {
    const upstreams = new Upstreams({ here: null });
    const { board, watch } = watchOver([keyless('here'), keyless('gone'), provider('keyed')], upstreams);
    await watch.start();
    watch.stop();
    expect(refusal(board, 'gone')).toMatch(/^Provider gone needs no key, and does not answer at http/);
    expect([refusal(board, 'here'), refusal(board, 'keyed')]).toEqual([null, null]);
    expect(upstreams.asked).toEqual(['here', 'gone']);
  });

  it('asks nobody whom the policy never chooses, and nobody who is off', async () => {
    const upstreams = new Upstreams({});
    const { watch } = watchOver(
      [keyless('sandbox', { explicitOnly: true }), keyless('off', { maxInflight: 0 })],
      upstreams,
    );
    await watch.start();
    watch.stop();
    expect(upstreams.asked).toEqual([]);
  });

  it('keeps the list of the provider for bare names, which may have a key, and never refuses that one', async () => {
    const upstreams = new Upstreams({ ollama_cloud: ['gpt-oss:120b'] });
    const { board, watch } = watchOver([provider('ollama_cloud')], upstreams);
    await watch.start();
    watch.stop();
    expect(board.offers({ provider: 'ollama_cloud', model: 'gpt-oss:120b' })).toBe(true);
    const silent = watchOver([provider('ollama_cloud')], new Upstreams({}));
    await silent.watch.start();
    silent.watch.stop();
    expect(refusal(silent.board, 'ollama_cloud')).toBeNull();
  });

  it('begins with a provider when it is turned on', async () => {
    const board = new HealthBoard();
    let providers = [keyless('ollama', { maxInflight: 0 })];
    const lists = new Upstreams({});
    const settings = () => ({ providers, policy: policySettings() });
    const watch = new KeylessWatch({ settings, lists, board }, { everyMs: 1, timeoutMs: 1 });
    await watch.start();
    expect(refusal(board, 'ollama')).toBeNull();
    providers = [keyless('ollama')];
    while (refusal(board, 'ollama') === null) await new Promise((resolve) => setImmediate(resolve));
    watch.stop();
  });

  it('looks again, and takes back what it said when an answer comes', async () => {
    const lists: Record<string, readonly string[] | null> = {};
    const upstreams = new Upstreams(lists);
    const { board, watch } = watchOver([keyless('ollama')], upstreams, 1);
    await watch.start();
    expect(refusal(board, 'ollama')).not.toBeNull();
    lists['ollama'] = ['m'];
    while (refusal(board, 'ollama') !== null) await new Promise((resolve) => setImmediate(resolve));
    watch.stop();
    expect(board.offers({ provider: 'ollama', model: 'm' })).toBe(true);
  });
});
