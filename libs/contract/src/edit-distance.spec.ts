import { editDistance } from './edit-distance';

describe('the edit distance', () => {
  it.each([
    ['', 'abc', 3],
    ['kitten', 'sitting', 3],
    ['same', 'same', 0],
  ])('counts the edits between "%s" and "%s"', (left, right, edits) => {
    expect(editDistance(left, right)).toBe(edits);
  });
});
