import { Circuit } from '@longhaul/records';
import { coolingOf, unixSeconds, viewCircuits, viewCooling } from './overview-cooling';

const at = (seconds: number): Date => new Date(seconds * 1000);
const circuit = (scope: string, seconds: number, change: Partial<Circuit> = {}): Circuit => ({
  ...{ scope, state: 'open', until: at(seconds), code: 'overloaded', strikes: 1, isProbed: false },
  ...change,
});
const circuits = [
  circuit('credential:glm', 30, { code: 'quota_exhausted' }),
  circuit('provider:glm', 90, { code: 'client_not_allowed' }),
  circuit('target:glm/glm-5', 60),
  circuit('target:glm/a/b', 20, { state: 'half_open' }),
  circuit('target:glm_two/glm-5', 60),
  circuit('credential:moonshot', 10, { code: 'auth_failed', state: 'half_open', isProbed: true }),
];

it('tells of a provider the bar that ends last, and its models apart from those of its namesakes', () => {
  expect(coolingOf('glm', circuits)).toEqual({
    lane: circuits[1],
    models: [{ model: 'glm-5', until: at(60), code: 'overloaded' }],
    probed: [],
  });
  expect(coolingOf('nobody', circuits)).toEqual({ lane: null, models: [], probed: [] });
  expect(viewCooling('glm', circuits).map(({ scope }) => scope)).toEqual([
    ...['credential:glm', 'provider:glm', 'target:glm/glm-5'],
  ]);
});

it('says that a half-open circuit bars nobody, unless one call probes it', () => {
  expect(coolingOf('moonshot', circuits)).toEqual({ lane: null, models: [], probed: [null] });
  expect(viewCooling('moonshot', circuits)).toEqual([]);
  expect(viewCircuits('glm', circuits)).toMatchObject([
    { scope: 'credential', model: null, state: 'open', probing: false },
    { scope: 'provider', model: null, state: 'open', probing: false },
    { scope: 'target', model: 'glm-5', state: 'open', until: 60 },
    { scope: 'target', model: 'a/b', state: 'half_open', probing: false },
  ]);
  expect(viewCircuits('moonshot', circuits)).toEqual([
    {
      ...{ scope: 'credential', model: null, state: 'half_open', until: 10 },
      ...{ code: 'auth_failed', strikes: 1, probing: true },
    },
  ]);
});

it('never shows a bar as over while it stands', () => {
  expect(unixSeconds(new Date(1_500))).toBe(2);
});
