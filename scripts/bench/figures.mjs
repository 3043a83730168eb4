/** Sorted upwards. */
const sorted = (numbers) => [...numbers].sort((one, other) => one - other);

/** The smallest number that `share` of all do not exceed. Null of nothing. */
export function percentile(numbers, share) {
  if (numbers.length === 0) return null;
  return sorted(numbers)[Math.max(0, Math.ceil(numbers.length * share) - 1)];
}

/** The middle of several rounds, with the least and the most; null when no round has it. */
function spreadOf(numbers) {
  const known = sorted(numbers.filter((number) => number !== null && number !== undefined));
  if (known.length === 0) return null;
  const half = known.length / 2;
  const median = known.length % 2 === 1 ? known[Math.floor(half)] : (known[half - 1] + known[half]) / 2;
  return { median, least: known[0], most: known.at(-1), rounds: known.length };
}

/** One spread for each figure that any round has. */
export function spreadsOf(rounds) {
  const names = [...new Set(rounds.flatMap((round) => Object.keys(round)))];
  return Object.fromEntries(names.map((name) => [name, spreadOf(rounds.map((round) => round[name]))]));
}
