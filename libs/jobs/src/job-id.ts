import { randomBytes } from 'node:crypto';

const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_DIGITS = 10;
const RANDOM_BYTES = 16;
const POOL_BYTES = 4096;

let pool = Buffer.alloc(0);

/** The system's random bytes, asked for in bulk: each asking costs as much as an id. */
function fromPool(size: number): Buffer {
  if (pool.length < size) pool = randomBytes(POOL_BYTES);
  const drawn = pool.subarray(0, size);
  pool = pool.subarray(size);
  return drawn;
}

/**
 * `job_` and 26 Crockford digits: 48 bits of time, so that ids sort by age, then 80 random bits, so that nobody
 * guesses one. No `:`, which BullMQ refuses in a ticket's id.
 */
export function newJobId(nowMs: number, random: (size: number) => Buffer = fromPool): string {
  let time = '';
  for (let rest = nowMs, digit = 0; digit < TIME_DIGITS; digit++, rest = Math.floor(rest / 32)) {
    time = ALPHABET.charAt(rest % 32) + time;
  }
  const tail = [...random(RANDOM_BYTES)].map((byte) => ALPHABET.charAt(byte % 32)).join('');
  return `job_${time}${tail}`;
}
