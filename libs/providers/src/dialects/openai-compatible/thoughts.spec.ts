import { Thoughts } from './thoughts';

const long = 'x'.repeat(1024 * 1024);

describe('thoughts', () => {
  it('are given on and kept for nobody who wants none back', () => {
    const thoughts = new Thoughts(null);
    expect(thoughts.take({}, 'Hm')).toBe('Hm');
    expect(thoughts.state).toBeUndefined();
  });

  it.each([
    ['reasoning_content', {}],
    ['reasoning_details', { reasoning_details: [{ type: 'reasoning.text', text: long }] }],
  ] as const)('without an end are no longer kept as %s', (echo, part) => {
    const thoughts = new Thoughts(echo);
    for (let count = 0; count < 3; count += 1) thoughts.take(part, long);
    expect(thoughts.state === undefined).toBe(echo === 'reasoning_details');
    for (let count = 0; count < 3; count += 1) expect(thoughts.take(part, long)).toBe(long);
    expect(thoughts.state).toBeUndefined();
  });
});
