import { DEFAULT_PACE_MS, SandboxOptions } from './server';

const DEFAULT_PORT = 4010;

export const USAGE = `Usage: sandbox [--port N] [--pace MILLISECONDS] [--log FILE]
  --port  on 127.0.0.1; default ${DEFAULT_PORT}, 0 = a free one
  --pace  between two pieces of an answer; default ${DEFAULT_PACE_MS}
  --log   append every call to this file, one JSON line at its arrival and one at its end`;

/** Reads the words after the script's name. Throws with the usage when one is not understood. */
export function readCommandLine(words: readonly string[]): SandboxOptions {
  let options: SandboxOptions = { port: DEFAULT_PORT };
  for (let at = 0; at < words.length; at += 2) {
    const [flag, value] = [words[at], words[at + 1]];
    if (value === undefined) throw new Error(`${flag ?? ''} needs a value.\n${USAGE}`);
    if (flag === '--port') options = { ...options, port: wholeNumber(flag, value, 65_535) };
    else if (flag === '--pace') options = { ...options, paceMs: wholeNumber(flag, value, 60_000) };
    else if (flag === '--log') options = { ...options, logFile: value };
    else throw new Error(`${flag ?? ''} is not known.\n${USAGE}`);
  }
  return options;
}

function wholeNumber(flag: string, value: string, largest: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= largest) return number;
  throw new Error(`${flag} must be a whole number from 0 to ${largest}, not "${value}".\n${USAGE}`);
}
