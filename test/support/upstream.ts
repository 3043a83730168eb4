import { CallRecord, CallSummary, isInFlight } from '../../apps/sandbox/src/call-log';
import { GateMatch } from '../../apps/sandbox/src/gate';
import { Script } from '../../apps/sandbox/src/script';
import { Sandbox, SandboxOptions, startSandbox } from '../../apps/sandbox/src/server';

export { CallRecord, CallSummary, Tally } from '../../apps/sandbox/src/call-log';
export { Script, ScriptedReply, ScriptMatch } from '../../apps/sandbox/src/script';

/** Which calls a question is about; every member that is given must fit. */
export interface CallFilter {
  readonly provider?: string;
  readonly model?: string;
  readonly marker?: string;
}

/** The scripted provider of the tests, and by its log their judge. */
export interface Upstream {
  readonly port: number;
  /** The base URL of a provider, e.g. for `MOONSHOT_BASE_URL`. */
  url(provider?: string): string;
  /** Adds a script; one with the same match takes the old one's place, the newest that fits answers. */
  script(script: Script): void;
  /** Lets held answers pass; kept for those that are still to come. `all` stays open until the reset. */
  release(count?: number | 'all', match?: GateMatch): void;
  calls(filter?: CallFilter): readonly CallRecord[];
  summary(): CallSummary;
  /** Resolves when so many calls have arrived, with them. */
  waitForCalls(count: number, filter?: CallFilter): Promise<readonly CallRecord[]>;
  /** Resolves when so many answers are held at this moment, with them. */
  waitForHeld(count: number, filter?: CallFilter): Promise<readonly CallRecord[]>;
  /** Resolves when so many calls are over, whichever way, with them. */
  waitForEnded(count: number, filter?: CallFilter): Promise<readonly CallRecord[]>;
  /** Cuts what is in flight and forgets scripts, releases and calls: the state between two tests. */
  reset(): void;
  close(): Promise<void>;
}

export interface UpstreamOptions extends Pick<SandboxOptions, 'port' | 'logFile' | 'paceMs'> {
  /** How long a wait may last before it rejects and says what it saw. */
  readonly patienceMs?: number;
}

const fits = (filter: CallFilter, call: CallRecord): boolean =>
  (filter.provider === undefined || filter.provider === call.provider) &&
  (filter.model === undefined || filter.model === call.model) &&
  (filter.marker === undefined || filter.marker === call.marker);

interface Question {
  readonly count: number;
  readonly filter: CallFilter;
  readonly what: string;
  readonly counts: (call: CallRecord) => boolean;
}

/** Asks after every event of the server itself; nothing is polled. */
function waitFor(sandbox: Sandbox, question: Question, patienceMs: number): Promise<readonly CallRecord[]> {
  const { count, filter, what, counts } = question;
  const seen = (): readonly CallRecord[] =>
    sandbox.log.calls().filter((call) => fits(filter, call) && counts(call));
  return new Promise((resolve, reject) => {
    const ask = (): void => {
      const calls = seen();
      if (calls.length < count) return;
      stop();
      resolve(calls);
    };
    const giveUp = (): void => {
      stop();
      const about = `${count} ${what} calls ${JSON.stringify(filter)}`;
      reject(
        new Error(
          `waited ${patienceMs} ms for ${about}, saw ${seen().length} of ${sandbox.log.calls().length}`,
        ),
      );
    };
    const timer = setTimeout(giveUp, patienceMs);
    const unwatch = sandbox.log.watch(ask);
    const stop = (): void => {
      clearTimeout(timer);
      unwatch();
    };
    ask();
  });
}

/** Starts the sandbox inside the test process on a free port, without a pace. */
export async function startUpstream(options: UpstreamOptions = {}): Promise<Upstream> {
  const { patienceMs = 30_000, ...sandboxOptions } = options;
  const sandbox = await startSandbox({ paceMs: 0, ...sandboxOptions });
  const { scripts, gate, log } = sandbox;
  const ask = (question: Question): Promise<readonly CallRecord[]> => waitFor(sandbox, question, patienceMs);
  return {
    port: sandbox.port,
    url: (provider) => (provider === undefined ? `${sandbox.url}/v1` : `${sandbox.url}/${provider}/v1`),
    script: (script) => scripts.put(script),
    release: (count, match) => gate.release(count, match),
    calls: (filter = {}) => log.calls().filter((call) => fits(filter, call)),
    summary: () => log.summary(),
    waitForCalls: (count, filter = {}) => ask({ count, filter, what: 'received', counts: () => true }),
    waitForHeld: (count, filter = {}) =>
      ask({ count, filter, what: 'held', counts: (call) => call.heldBefore !== null }),
    waitForEnded: (count, filter = {}) =>
      ask({ count, filter, what: 'ended', counts: (call) => !isInFlight(call) }),
    reset: () => {
      scripts.reset();
      gate.reset();
      sandbox.cutCalls();
      log.clear();
    },
    close: () => sandbox.close(),
  };
}
