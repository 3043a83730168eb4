import { GatewayError, RouteRequest } from '@longhaul/contract';
import { ask } from './ask';
import { Fixture, WORLD, faultOf, model, need, provider, stateOf } from './registry.fixtures';
import { Wanted, resolveFallbacks, resolveRequest } from './resolve';
import { Choice } from './steps';

const read = (request: RouteRequest, fixture: Fixture = WORLD): Wanted => {
  const state = stateOf(fixture);
  const { tier } = ask(state, need(), { request, assumed: {} });
  return resolveRequest(state, request, tier);
};
const choiceOf = (request: RouteRequest, fixture: Fixture = WORLD): Choice => {
  const wanted = read(request, fixture);
  if (wanted.by !== 'name') throw new Error('it was left to the policy');
  return wanted.choice;
};
const failure = (request: RouteRequest): GatewayError =>
  faultOf(() => {
    read(request);
    resolveFallbacks(stateOf(WORLD), request.fallbacks ?? [], request);
  });

describe('a model string', () => {
  it.each([undefined, 'auto', 'AUTO', '', ' '])('%p leaves the choice to the policy', (model) => {
    expect(read({ model })).toEqual({ by: 'policy' });
  });

  it.each<[RouteRequest, string, string]>([
    [{ model: 'moonshot/kimi-k2.6' }, 'moonshot/kimi-k2.6', 'explicit'],
    [{ model: ' Moonshot/KIMI-k2.6 ' }, 'moonshot/kimi-k2.6', 'explicit'],
    [{ model: 'kimi-k2.6' }, 'moonshot/kimi-k2.6', 'explicit'],
    [{ model: 'k2' }, 'moonshot/kimi-k2.6', 'alias'],
    [{ model: 'moonshot/k2' }, 'moonshot/kimi-k2.6', 'alias'],
    [{ model: 'cloud/glm-5' }, 'ollama_cloud/glm-5', 'prefix'],
    [{ model: 'cloud/My-Own:7b' }, 'ollama_cloud/My-Own:7b', 'prefix'],
    [{ model: 'openrouter/openai/gpt-x:nitro' }, 'openrouter/openai/gpt-x:nitro', 'explicit'],
    [{ model: 'openrouter/openai/gpt-oss-120b:free' }, 'openrouter/openai/gpt-oss-120b:free', 'explicit'],
    [
      { model: 'openai/gpt-oss-120b:free', provider: 'openrouter' },
      'openrouter/openai/gpt-oss-120b:free',
      'explicit',
    ],
    [{ model: 'openrouter/x', provider: 'openrouter' }, 'openrouter/x', 'explicit'],
    [{ model: 'kimi-k2.5', provider: 'MOONSHOT' }, 'moonshot/kimi-k2.5', 'explicit'],
    [{ model: 'moonshot/kimi-k2.5', provider: 'moonshot' }, 'moonshot/kimi-k2.5', 'explicit'],
    [{ provider: 'moonshot' }, 'moonshot/kimi-k2.6', 'provider_default'],
    [{ provider: 'moonshot', model: 'auto' }, 'moonshot/kimi-k2.6', 'provider_default'],
    [{ provider: 'kimi' }, 'kimi/kimi-for-coding', 'provider_default'],
    [{ provider: 'cloud' }, 'ollama_cloud/glm-5', 'provider_default'],
    [{ model: 'glm-4.5-x' }, 'glm/glm-4.5-x', 'explicit'],
  ])('%j is %s', (request, name, because) => {
    const choice = choiceOf(request);
    expect([choice.entry.name, choice.because, choice.chosenBy]).toEqual([name, because, 'caller']);
  });

  it('that several providers carry goes to one that could run it, and the caller is told', () => {
    const choice = choiceOf({ model: 'glm-5' });
    expect(choice.entry.name).toBe('glm/glm-5');
    expect(choice.notes).toEqual(['"glm-5" was read as glm/glm-5; it is also ollama_cloud/glm-5.']);
  });
});

describe('where a string could be read in two ways', () => {
  const nameIn = (fixture: Fixture, request: RouteRequest): string => choiceOf(request, fixture).entry.name;

  it('an id of the provider that looks like its own prefix stays that id', () => {
    const fixture = {
      providers: [provider('openrouter', { acceptUnlistedModels: true })],
      models: [model('openrouter/openrouter/auto-router')],
    };
    const request = { provider: 'openrouter', model: 'openrouter/auto-router' };
    expect(nameIn(fixture, request)).toBe('openrouter/openrouter/auto-router');
  });

  it.each<[string, Fixture['providers']]>([
    ['an explicit_only provider', [provider('a', { explicitOnly: true }), provider('b', { key: null })]],
    ['a provider without a key', [provider('a', { key: null }), provider('b')]],
  ])('a bare id passes over %s where another carries it', (_, providers) => {
    expect(nameIn({ providers, models: [model('a/x'), model('b/x')] }, { model: 'x' })).toBe('b/x');
  });

  it('a bare id passes over a retired row where another serves it', () => {
    const models = [model('a/x', { status: 'retired' }), model('b/x')];
    expect(nameIn({ providers: [provider('a'), provider('b')], models }, { model: 'x' })).toBe('b/x');
  });

  it('a provider without a default gives the first of its models that is served', () => {
    const models = [model('a/old', { status: 'retired', rank: 1 }), model('a/new', { rank: 2 })];
    expect(nameIn({ providers: [provider('a')], models }, { provider: 'a' })).toBe('a/new');
  });
});

describe('a model string that names nothing', () => {
  it.each<[RouteRequest, RegExp, string | undefined]>([
    [
      { model: 'kimi-k2.66' },
      /no model "kimi-k2.66".*Nearest: moonshot\/kimi-k2\.6.*write "ollama\/kimi-k2\.66"/,
      'moonshot/kimi-k2.6',
    ],
    [{ model: 'moonshot/kimi-k3' }, /Provider moonshot has no model "kimi-k3"/, 'moonshot/kimi-k2.5'],
    [
      { model: 'openai/gpt-oss-120b:free' },
      /Provider openai has no model/,
      'openrouter/openai/gpt-oss-120b:free',
    ],
    [
      { model: 'moonshot/kimi-k2.6', provider: 'glm' },
      /Provider glm has no model "moonshot\/kimi-k2\.6"/,
      'moonshot/kimi-k2.6',
    ],
    [{ model: 'ollama/' }, /Provider ollama has no model ""/, 'ollama_cloud/glm-5'],
    [{ model: 'nobody/zzz' }, /^There is no model "nobody\/zzz" in the catalogue\.$/, undefined],
    [{ model: 'tier:slow' }, /There is no tier "slow"; there are fast, balanced, powerful\./, undefined],
  ])('%j is refused with what is near', (request, message, near) => {
    const error = failure(request);
    expect(error.code).toBe('model_not_found');
    expect(error.message).toMatch(message);
    expect(error.detail).toMatchObject({ param: 'model', faults: [{ pointer: '/model' }] });
    expect((error.detail.extra?.['near_matches'] as string[])[0]).toBe(near);
  });

  it('is never answered by its successor when it is retired, only by its name', () => {
    const error = failure({ model: 'kimi-k2-0905-preview' });
    expect(error.code).toBe('model_not_found');
    expect(error.message).toBe(
      'moonshot/kimi-k2-0905-preview is retired; ask for its successor moonshot/kimi-k2.6, ' +
        'or allow it with routing.allow_substitution.',
    );
    expect(error.detail.extra).toEqual({
      near_matches: ['moonshot/kimi-k2.6'],
      successor: 'moonshot/kimi-k2.6',
    });
    expect(failure({ model: 'kimi-gone' }).message).toMatch(/no successor; name another/);
  });

  it('in the fallbacks is refused with its place', () => {
    const error = failure({ fallbacks: ['glm/glm-5', 'nope-nope'] });
    expect(error).toMatchObject({
      code: 'model_not_found',
      detail: { param: 'fallbacks', faults: [{ pointer: '/fallbacks/1' }] },
    });
    expect(failure({ fallbacks: ['auto'] })).toMatchObject({
      code: 'invalid_request',
      detail: { param: 'fallbacks' },
    });
  });

  it('and a provider that is none is refused with the providers that there are', () => {
    const error = failure({ provider: 'moonshoot' });
    expect(error).toMatchObject({
      code: 'invalid_request',
      detail: { param: 'provider', extra: { near_matches: ['moonshot'] } },
    });
    expect(error.message).toMatch(/glm, kimi, moonshot/);
  });

  it('asks for a model where a provider has none of its own', () => {
    expect(failure({ provider: 'ollama' }).message).toMatch(/Provider ollama has no default model/);
  });

  it('does not echo a whole novel', () => {
    expect(failure({ model: 'x'.repeat(5_000) }).message.length).toBeLessThan(500);
  });
});
