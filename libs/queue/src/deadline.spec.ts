import { DeadlineError, within } from './deadline';

describe('a deadline', () => {
  it('hands on an outcome that comes in time', async () => {
    await expect(within(1000, Promise.resolve(7))).resolves.toBe(7);
    await expect(within(1000, Promise.reject(new Error('refused')))).rejects.toThrow('refused');
  });

  it('ends the wait for work that hangs', async () => {
    await expect(within(10, new Promise(() => undefined))).rejects.toBeInstanceOf(DeadlineError);
  });
});
