import { renewal } from './renewal';

const READONLY = "READONLY You can't write against a read only replica.";

describe('a connection to Redis', () => {
  it.each([
    [READONLY],
    [`${READONLY} script: 5ab432e88830d573e2fa33392ffbd4ad25a9b100, on @user_script:589.`],
    [`ERR Error running script (call to f_5ab432e8): @user_script:589: @user_script: 589: -${READONLY}`],
    ["MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."],
    ['LOADING Redis is loading the dataset in memory'],
  ])('is made anew when it is told: %s', (message) => {
    expect(renewal()(new Error(message))).toBe(true);
  });

  it.each([
    ["OOM command not allowed when used memory > 'maxmemory'."],
    ["NOPERM this user has no permissions to run the 'evalsha' command"],
    ['UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)'],
    ['ERR unknown command READONLY'],
    ['NOSCRIPT No matching script. Please use EVAL.'],
  ])('stays when it is told: %s', (message) => {
    expect(renewal()(new Error(message))).toBe(false);
  });

  it('is made anew less and less often, and at once again after half a minute without a refusal', () => {
    let nowMs = 0;
    const isRenewed = renewal(() => nowMs);
    const renewedAtMs: number[] = [];
    const refuseUntil = (endsAtMs: number): void => {
      for (; nowMs < endsAtMs; nowMs += 100) if (isRenewed(new Error(READONLY))) renewedAtMs.push(nowMs);
    };
    refuseUntil(20_000);
    expect(renewedAtMs.splice(0)).toEqual([0, 1000, 3000, 7000, 12_000, 17_000]);
    nowMs = 47_000;
    refuseUntil(51_000);
    expect(renewedAtMs).toEqual([47_000, 48_000, 50_000]);
  });
});
