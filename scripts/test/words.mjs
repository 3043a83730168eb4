import { TIERS } from './suites.mjs';

/** `--project <tier>` (repeatable), path patterns, and Jest's own flags with their values. */
export function readTestWords(words) {
  const tiers = [];
  const patterns = [];
  const flags = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === '--project') tiers.push(words[(index += 1)]);
    else if (word.startsWith('--project=')) tiers.push(word.slice('--project='.length));
    else if (['-t', '--testNamePattern'].includes(word)) flags.push(word, words[(index += 1)] ?? '');
    else if (word.startsWith('-')) flags.push(word);
    else patterns.push(word);
  }
  const unknown = tiers.find((tier) => !Object.hasOwn(TIERS, tier));
  if (unknown !== undefined) {
    process.stderr.write(`There is no tier ${unknown}. There are: ${Object.keys(TIERS).join(', ')}.\n`);
    process.exit(2);
  }
  return {
    tiers: tiers.length > 0 ? Object.keys(TIERS).filter((tier) => tiers.includes(tier)) : Object.keys(TIERS),
    patterns,
    flags,
  };
}
