import { Refusal } from '../system/files.mjs';
import { commandOf, identityOf, parentOf, stillRuns } from '../system/processes.mjs';

/** Ctrl-C under npm arrives twice: from the terminal and from npm. Only a later one is a second wish. */
const SAME_WISH_MS = 1_000;

/** Lines for the person who watches. */
export const say = (line = '') => process.stdout.write(`${line}\n`);

/**
 * Brings `stack` up, does `work` with it, takes everything down, and sets the exit code. The first Ctrl-C (or
 * SIGTERM, SIGHUP) drains and stops, a second one kills.
 */
export async function runWith(stack, work) {
  const wish = listenForStop(stack);
  try {
    await Promise.race([begin(stack, work, wish.signal), stack.broken]);
  } catch (error) {
    report(error, wish.signal);
  }
  try {
    await stack.stop();
  } catch (error) {
    report(error, new AbortController().signal);
  }
  // Whatever timer or socket is left must not hold a launcher whose work is done.
  process.exit(process.exitCode ?? 0);
}

async function begin(stack, work, signal) {
  await stack.start(signal);
  await work(stack, signal);
}

function report(error, signal) {
  if (signal.aborted && error === signal.reason) return;
  process.exitCode = 1;
  process.stderr.write(`\n${error instanceof Refusal ? error.message : error.stack}\n`);
}

function listenForStop(stack) {
  const wish = new AbortController();
  let firstAt = null;
  const onSignal = (name) => {
    const now = performance.now();
    if (firstAt === null) {
      firstAt = now;
      // First, so that whoever draws on the terminal has stopped before the line below.
      wish.abort(new Refusal('stopped'));
      say(`\n${name}: stopping; running work has ${stack.env.DRAIN_SECS} s to end. Once more kills it.`);
    } else if (now - firstAt > SAME_WISH_MS) {
      say('Killed.');
      // For both ways out: the drain that is cut short here may come to its own end first.
      process.exitCode = 130;
      void stack.kill().finally(() => process.exit(130));
    }
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, onSignal);
  watchNpm(() => {
    // The look may come late: whoever has asked for the stop has ended npm with it, and asked once.
    if (firstAt === null) onSignal('npm ended');
  });
  return wish;
}

/**
 * npm hands a SIGTERM on to the shell that it put between itself and us, and that shell dies of it without a word;
 * a killed npm hands nothing on. Then our parent changes, or npm is gone, which are the only signs there are.
 */
function watchNpm(onEnd) {
  if (!process.env.npm_lifecycle_event) return;
  const parent = process.ppid;
  const npm = npmAbove(parent);
  const watch = setInterval(() => {
    if (process.ppid === parent && (npm === null || stillRuns(npm))) return;
    clearInterval(watch);
    onEnd();
  }, 500);
  watch.unref();
}

/** npm itself, which is our parent or the parent of our shell; null where that cannot be seen. */
function npmAbove(parent) {
  const pid = [parent, parentOf(parent)].find((above) => above && /\bnpm\b/.test(commandOf(above)));
  return pid ? { pid, identity: identityOf(pid) } : null;
}

/** Resolves never, rejects when the person wants to stop, or has wanted to before. */
export const untilStopped = (signal) =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
