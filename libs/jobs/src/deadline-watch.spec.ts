import { watchDeadline } from './deadline-watch';

describe('watchDeadline', () => {
  it.each([0, -1, -5_000])(
    'ends a claim at once that was granted %s ms before its deadline: no byte may go out',
    (msToDeadline) => {
      const controller = new AbortController();

      clearTimeout(watchDeadline(msToDeadline, controller));

      expect(controller.signal.aborted).toBe(true);
      expect(controller.signal.reason).toMatchObject({ code: 'deadline_exceeded' });
    },
  );

  it('leaves a call alone until its deadline, and ends it then', async () => {
    const controller = new AbortController();

    watchDeadline(20, controller);

    expect(controller.signal.aborted).toBe(false);
    await new Promise((resolve) => {
      controller.signal.addEventListener('abort', resolve);
    });
    expect(controller.signal.reason).toMatchObject({ code: 'deadline_exceeded' });
  });

  it('takes a deadline that is further away than a timer can count', () => {
    const controller = new AbortController();

    clearTimeout(watchDeadline(365 * 86_400_000, controller));

    expect(controller.signal.aborted).toBe(false);
  });
});
