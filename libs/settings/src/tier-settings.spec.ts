import { FACTORS } from '@longhaul/contract';
import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { TierSettings } from './settings';

let folder: ConfigFolder;

beforeEach(() => {
  folder = new ConfigFolder();
  folder.write('providers.toml', providerBlock('glm'));
});
afterEach(() => folder.remove());

const tiers = (env: Record<string, string> = {}): TierSettings => folder.load(env).policy.tiers;

describe('the tiers', () => {
  it('have no targets, the known thresholds and weights where nothing is said', () => {
    expect(tiers()).toMatchObject({
      targets: { fast: [], balanced: [], powerful: [] },
      byDefault: 'balanced',
      fastBelow: 3,
      balancedBelow: 6.5,
      agentWeight: 0.6,
      stepWeight: 0.4,
    });
  });

  it('have the weights of each intent, which sum to 1', () => {
    const { intentWeights } = tiers();
    const inOrder = Object.fromEntries(
      Object.entries(intentWeights).map(([intent, weights]) => [
        intent,
        FACTORS.map((each) => weights[each]),
      ]),
    );
    expect(inOrder).toEqual({
      generate: [0.15, 0.1, 0.15, 0.15, 0.3, 0.15],
      llm_decision: [0.15, 0.1, 0.15, 0.15, 0.3, 0.15],
      transform: [0.15, 0.3, 0.1, 0.15, 0.15, 0.15],
      conditional: [0.15, 0.1, 0.3, 0.15, 0.2, 0.1],
      action: [0.2, 0.15, 0.15, 0.15, 0.2, 0.15],
      default: [0.2, 0.15, 0.15, 0.15, 0.2, 0.15],
    });
    for (const shares of Object.values(inOrder)) {
      expect(shares.reduce((left, right) => left + right, 0)).toBeCloseTo(1, 9);
    }
  });

  it('come from policy.toml, and from the environment before that', () => {
    folder.write('policy.toml', 'tier_fast = ["a"]\ntier_powerful = ["glm", "b"]\ntier_fast_below = 2\n');
    const env = { TIER_POWERFUL: 'c, d', TIER_BALANCED_BELOW: '7.5', TIER_DEFAULT: 'fast' };
    expect(tiers({ ...env, TIER_AGENT_WEIGHT: '0.3', TIER_STEP_WEIGHT: '0.7' })).toMatchObject({
      targets: { fast: ['a'], balanced: [], powerful: ['c', 'd'] },
      byDefault: 'fast',
      fastBelow: 2,
      balancedBelow: 7.5,
      agentWeight: 0.3,
      stepWeight: 0.7,
    });
  });

  it.each([
    ['fast', 'fast'],
    ['balanced', 'balanced'],
    ['powerful', 'powerful'],
    ['cost', 'balanced'],
  ])('take the default tier of the profile %s: %s', (profile, tier) => {
    expect(tiers({ ROUTING_PROFILE: profile }).byDefault).toBe(tier);
    expect(tiers({ ROUTING_PROFILE: profile, TIER_DEFAULT: 'powerful' }).byDefault).toBe('powerful');
  });

  it('take weights of an intent from the file, for a new one and for a known one, in any case', () => {
    const table = 'prompt = 1\ndata = 0\nconditions = 0\ncontext = 0\nreasoning = 0\noutput = 0\n';
    folder.write('policy.toml', `[intent_weights.Review]\n${table}[intent_weights.transform]\n${table}`);
    const { intentWeights } = tiers();
    expect([intentWeights['review']?.prompt, intentWeights['transform']?.prompt]).toEqual([1, 1]);
    expect(intentWeights['generate']?.prompt).toBe(0.15);
  });
});

describe('the boot stops', () => {
  it.each([
    [{ TIER_FAST_BELOW: '6.5' }, 'TIER_FAST_BELOW', 'fast ends at 6.5, balanced at 6.5'],
    [{ TIER_BALANCED_BELOW: '2' }, 'TIER_BALANCED_BELOW', 'fast ends at 3, balanced at 2'],
    [{ TIER_AGENT_WEIGHT: '0.7' }, 'TIER_AGENT_WEIGHT', 'does not sum to 1: the agent has 0.7, the step 0.4'],
    [{ TIER_STEP_WEIGHT: '0.400000002' }, 'TIER_STEP_WEIGHT', 'the step 0.400000002. Set both'],
    [{ TIER_FAST_BELOW: '-1' }, 'TIER_FAST_BELOW', 'from 0 up to 10'],
    [{ TIER_BALANCED_BELOW: '11' }, 'TIER_BALANCED_BELOW', 'from 0 up to 10'],
    [{ TIER_AGENT_WEIGHT: '1.2' }, 'TIER_AGENT_WEIGHT', 'from 0 up to 1'],
    [{ TIER_DEFAULT: 'medium' }, 'TIER_DEFAULT', 'fast, balanced, powerful'],
  ])('for %j, naming %s and what is wrong', (env, variable, problem) => {
    const { message } = folder.refusal(env);
    expect(message.startsWith(variable)).toBe(true);
    expect(message).toContain(problem);
  });

  it('not for weights that miss 1 by less than a billionth', () => {
    expect(tiers({ TIER_STEP_WEIGHT: '0.4000000001' }).stepWeight).toBe(0.4000000001);
  });

  it('for thresholds of the file, with its line', () => {
    folder.write('policy.toml', '\ntier_fast_below = 8\n');
    expect(folder.refusal().message).toMatch(
      /^policy\.toml:2: "tier_fast_below" puts the tiers out of order: .*Make TIER_FAST_BELOW smaller/,
    );
  });

  const five = 'prompt = 0.5\ndata = 0.1\nconditions = 0.1\ncontext = 0.1\nreasoning = 0.1\n';

  it.each([
    [`${five}output = 0.2\n`, 3, 'the weights of the intent "x" sum to 1.1. Make them sum to 1'],
    [five, 3, 'the weights of the intent "x" have no output. Write all six'],
    [`${five}output = -1\n`, 9, '"output" has a wrong value'],
    [`${five}outptu = 0.1\n`, 9, 'unknown key "outptu" in [intent_weights.x]. Did you mean "output"?'],
  ])('for the weights `%s` of an intent, with line %i', (table, line, problem) => {
    const other =
      '[intent_weights.w]\nprompt = 1\ndata = 0\nconditions = 0\ncontext = 0\nreasoning = 0\noutput = 0\n';
    folder.write('policy.toml', `\n\n[intent_weights.x]\n${table}\n${other}`);
    expect(folder.refusal().message).toContain(`policy.toml:${String(line)}: ${problem}`);
    // A neighbour whose name begins the same has lines of its own.
    const neighbour = other.replace('.w]', '.xy]');
    folder.write('policy.toml', `${neighbour}[intent_weights.x]\n${table}\n`);
    expect(folder.refusal().message).toContain(`policy.toml:${String(line + 5)}: ${problem}`);
  });

  it('for weights on one line, pointing at it', () => {
    folder.write('policy.toml', '[intent_weights]\nx = { prompt = 2 }\n');
    expect(folder.refusal().message).toContain('policy.toml:2: "prompt" has a wrong value');
    folder.write('policy.toml', '\n[intent_weights]\nx = 2\n');
    expect(folder.refusal().message).toContain('policy.toml:2: "intent_weights" has a wrong value');
  });
});
