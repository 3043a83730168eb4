import { parseKeepAlive } from './keep-alive';

describe('how long a model stays loaded', () => {
  it.each([
    [300, 300],
    ['300', 300],
    [' 0 ', 0],
    [0, 0],
    ['2.5', 2.5],
    ['5m', 300],
    ['1h30m', 5_400],
    ['1h 30m', null],
    ['90s', 90],
    ['500ms', 0.5],
    ['1m500ms', 60.5],
    [-1, -1],
    ['-1', -1],
    ['-7m', -1],
    [-0.5, -1],
    ['999999999h', -1],
    ['5 m', null],
    ['5d', null],
    ['m', null],
    ['', null],
    ['for ever', null],
    ['1e3', null],
    [true, null],
    [NaN, null],
    [Infinity, null],
    [null, null],
  ])('takes %p for %p seconds', (stated, seconds) => {
    expect(parseKeepAlive(stated)).toBe(seconds);
  });
});
