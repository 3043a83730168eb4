import { editDistance } from '@longhaul/contract';

const MOST_MATCHES = 5;
const SHORTEST_PREFIX = 4;
/** The table of distances is quadratic and callers write the string, so only so much of it is compared. */
const COMPARED_CHARACTERS = 80;

/** One thing a caller may have meant: the name to show, and every way in which it can be written. */
export interface Known {
  readonly name: string;
  readonly spellings: readonly string[];
}

function sharedPrefix(left: string, right: string): number {
  let length = 0;
  while (length < left.length && length < right.length && left[length] === right[length]) length += 1;
  return length;
}

/** Lower is nearer; null = not near. A long shared beginning counts when the distance alone is too great. */
function remoteness(wanted: string, spelling: string): number | null {
  const most = Math.max(2, Math.floor(wanted.length / 3));
  const lengths = Math.abs(wanted.length - spelling.length);
  const distance = lengths <= most ? editDistance(wanted, spelling) : lengths;
  if (distance <= most && lengths <= most) return distance;
  const shared = sharedPrefix(wanted, spelling);
  const isNear = shared >= SHORTEST_PREFIX && shared * 2 >= Math.min(wanted.length, spelling.length);
  return isNear ? COMPARED_CHARACTERS + distance - shared : null;
}

const comparable = (text: string): string => text.trim().toLowerCase().slice(0, COMPARED_CHARACTERS);

/** What the caller may have meant by an unknown name, nearest first. */
export function nearMatches(unknown: string, known: readonly Known[], most = MOST_MATCHES): string[] {
  const wanted = comparable(unknown);
  if (wanted === '') return [];
  const near = known.flatMap(({ name, spellings }) => {
    const found = spellings.map((spelling) => remoteness(wanted, comparable(spelling)));
    const distances = found.filter((distance) => distance !== null);
    return distances.length === 0 ? [] : [{ name, distance: Math.min(...distances) }];
  });
  near.sort((left, right) => left.distance - right.distance || compareNames(left.name, right.name));
  return near.slice(0, most).map(({ name }) => name);
}

/** Order by code unit: the same on every machine, unlike `localeCompare`. */
export const compareNames = (left: string, right: string): number =>
  left < right ? -1 : left > right ? 1 : 0;
