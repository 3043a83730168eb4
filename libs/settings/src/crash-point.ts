import { ArmedCrash, CRASH_POINTS, CrashMode, crashModesOf } from '@longhaul/contract';
import { Environment } from './environment';
import { EnvironmentReader } from './environment-reader';
import { LoadNotes } from './load-notes';
import { nearest } from './nearest';
import { SettingsError } from './settings-error';

const VARIABLE = 'LONGHAUL_CRASH_POINT';
const FORM = /^(?<point>\w+:[\w-]+):(?<mode>\w+)(?::(?<visit>[1-9]\d{0,8}))?$/;

/**
 * `<point>:<mode>`, or `<point>:<mode>:<visit>`. It is no option: it stands in no file, no list of settings and no
 * override, so that nobody meets it who did not look for it.
 */
export function readCrashPoint(env: Environment, notes: LoadNotes): ArmedCrash | null {
  const found = new EnvironmentReader(env).text(VARIABLE);
  if (found === null) return null;
  const { point = '', mode = '', visit = '1' } = FORM.exec(found.value)?.groups ?? {};
  if (!CRASH_POINTS.includes(point)) throw unknown('names no crash point', nearest(point, CRASH_POINTS));
  const modes = crashModesOf(point);
  const known = modes.find((one): one is CrashMode => one === mode);
  if (known === undefined) throw unknown(`names no mode of ${point}`, modes.join(' or '));
  notes.warn(
    `${VARIABLE} is set, for the fault bench alone: at ${point} this process does to itself what ${known} says. Unset it.`,
  );
  return { point, mode: known, visit: Number(visit) };
}

const unknown = (problem: string, near: string | null): SettingsError =>
  new SettingsError(
    `${VARIABLE} ${problem}`,
    near === null ? 'docs/guarantees.md lists them; or unset it' : `Did you mean ${near}? Or unset it`,
  );
