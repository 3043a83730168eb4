import { coolingOf, scopesOf, unixSeconds } from './overview-cooling';

const at = (seconds: number): Date => new Date(seconds * 1000);
const cooling = [
  { scope: 'credential:glm', until: at(30), code: 'quota_exhausted' },
  { scope: 'provider:glm', until: at(90), code: 'client_not_allowed' },
  { scope: 'target:glm/glm-5', until: at(60), code: 'overloaded' },
  { scope: 'target:glm_two/glm-5', until: at(60), code: 'overloaded' },
  { scope: 'credential:moonshot', until: at(10), code: 'auth_failed' },
];

it('tells of a provider the bar that ends last, and its models apart from those of its namesakes', () => {
  expect(coolingOf('glm', cooling)).toEqual({
    lane: cooling[1],
    models: [{ model: 'glm-5', until: at(60), code: 'overloaded' }],
  });
  expect(coolingOf('nobody', cooling)).toEqual({ lane: null, models: [] });
  expect(scopesOf('glm', cooling)).toHaveLength(3);
});

it('never shows a bar as over while it stands', () => {
  expect(unixSeconds(new Date(1_500))).toBe(2);
});
