import { ReasoningEffort, REASONING_EFFORTS } from '@longhaul/contract';
import fc from 'fast-check';
import { fit, traits } from './fitted-request.fixtures';

describe('reasoning_effort', () => {
  it.each([
    ['none', ['low', 'high'], 'low'],
    ['minimal', ['none', 'low'], 'none'],
    ['low', ['none', 'high'], 'high'],
    ['low', ['none', 'minimal', 'high'], 'minimal'],
    ['medium', ['low', 'high'], 'low'],
    ['max', ['none', 'low', 'medium'], 'medium'],
    ['high', ['none'], undefined],
    ['high', [], undefined],
    ['high', null, undefined],
  ] as const)('%s goes to a model that takes %j as %p', (asked, taken, sent) => {
    const { request, adjustments } = fit({ reasoningEffort: asked }, { reasoningEfforts: taken });
    expect(request.reasoningEffort).toBe(sent);
    expect(adjustments).toHaveLength(1);
  });

  it('is sent as a word that the model takes, or not at all, whatever is asked', () => {
    const effort = fc.constantFrom(...REASONING_EFFORTS);
    fc.assert(
      fc.property(effort, fc.uniqueArray(effort), (asked, taken) => {
        const { request, adjustments } = fit({
          reasoningEffort: asked,
          traits: traits({ reasoningEfforts: taken }),
        });
        const sent: ReasoningEffort | undefined = request.reasoningEffort;
        expect(sent === undefined || taken.includes(sent)).toBe(true);
        expect(adjustments).toHaveLength(taken.includes(asked) ? 0 : 1);
      }),
    );
  });

  it('is dropped for a model that thinks as it likes, and silently when one that never thinks is told not to', () => {
    const fixed = traits({ capabilities: ['reasoning'], reasoningControl: 'fixed' });
    const never = traits({ capabilities: ['streaming'] });
    const dropped = { request: expect.not.objectContaining({ reasoningEffort: expect.anything() }) };
    expect(fit({ reasoningEffort: 'low', traits: fixed })).toMatchObject({
      ...dropped,
      adjustments: [expect.any(String)],
    });
    expect(fit({ reasoningEffort: 'none', traits: fixed })).toMatchObject({
      ...dropped,
      adjustments: [expect.any(String)],
    });
    expect(fit({ reasoningEffort: 'low', traits: never })).toMatchObject({
      ...dropped,
      adjustments: [expect.any(String)],
    });
    expect(fit({ reasoningEffort: 'none', traits: never })).toMatchObject({ ...dropped, adjustments: [] });
  });

  it('is told to a switch as on or off, and says that its degree is lost', () => {
    const known = { traits: traits({ reasoningControl: 'switch' }) };
    for (const [said, means] of [
      [known, {}],
      [{}, { reasoningControl: 'switch' }],
    ] as const) {
      expect(fit({ reasoningEffort: 'none', ...said }, means).adjustments).toEqual([]);
      const { request, adjustments } = fit({ reasoningEffort: 'low', ...said }, means);
      expect(request.reasoningEffort).toBe('low');
      expect(adjustments).toEqual([
        'reasoning_effort low only switches thinking on: this model knows no degrees of it.',
      ]);
    }
  });
});
