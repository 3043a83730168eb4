const NANO_PER_PRICE = 1_000;
/** What binary fractions add beyond the digits of a price. */
const NOISE = 1e-9;

const claimOf = ({ jobId, fence }) => `${jobId}:${fence}`;

/** Of a job that is gone only these are left. */
function withoutAttempt({ rows, attempts, ledger }) {
  const there = new Set(rows.map(({ id }) => id));
  const claims = new Set(attempts.map(claimOf));
  return ledger
    .filter((row) => there.has(row.jobId) && !claims.has(claimOf(row)))
    .map(({ jobId, fence, call }) => `${jobId} has a row ${call} under fence ${fence}, and no such attempt`);
}

function oneLedgerRow(evidence) {
  const { lines, attempts, ledger, joined } = evidence;
  const bad = withoutAttempt(evidence);
  const without = { unknown: 0, not_sent: 0 };
  for (const line of lines) {
    if (!joined.attemptOf.has(line)) bad.push(`call ${line.seq} (${line.marker}) has no attempt and no row`);
  }
  for (const attempt of attempts) {
    const booked = joined.bookedOf(attempt);
    const line = joined.lineOf.get(attempt);
    const about = `attempt ${attempt.number} of ${attempt.jobId}`;
    if (booked.length !== 1) bad.push(`${about} has ${booked.length} rows`);
    else if (line && booked[0].call === 'not_sent')
      bad.push(`${about} says not_sent, and the upstream has call ${line.seq}`);
    else if (!line && booked[0].call === 'answered')
      bad.push(`${about} says answered, and the upstream has no such call`);
    else if (attempt.status === 'succeeded' && booked[0].call !== 'answered')
      bad.push(`${about} has succeeded, and its row says ${booked[0].call}`);
    else if (!line) without[booked[0].call] += 1;
  }
  const { unknown, not_sent: unsent } = without;
  return {
    said: `${lines.length} calls, ${attempts.length} attempts, ${ledger.length} rows; without a call: ${unknown} unknown, ${unsent} not sent`,
    bad,
  };
}

const costOf = ({ prompt_tokens: input, completion_tokens: output }, price) => {
  const nano = (input * price.input + output * price.output) * NANO_PER_PRICE;
  return Math.ceil(nano - nano * NOISE);
};

/** Known usage alone; by the catalogue's price, not by the one that the ledger has kept. */
function ledgerSum({ attempts, joined, prices }) {
  let [billed, booked, unknown] = [0, 0, 0];
  const bad = attempts.flatMap((attempt) => {
    const [row] = joined.bookedOf(attempt);
    const line = joined.lineOf.get(attempt);
    if (!row || !line) return [];
    if (row.call !== 'answered') {
      unknown += 1;
      return [];
    }
    const wanted = line.usageBilled
      ? costOf(line.usageBilled, prices.get(`${attempt.lane}/${attempt.model}`))
      : 0;
    billed += wanted;
    booked += row.nanoUsd ?? 0;
    return row.nanoUsd === wanted
      ? []
      : [`call ${line.seq} cost ${wanted} nano-USD, and ${row.nanoUsd} are booked`];
  });
  return {
    said: `${booked} nano-USD booked, ${billed} billed for known usage; ${unknown} calls of unknown cost`,
    bad,
  };
}

export const MONEY = [
  {
    name: 'one-ledger-row',
    what: 'each call of the upstream has exactly one ledger row',
    judge: oneLedgerRow,
  },
  { name: 'ledger-sum', what: 'the ledger is what the upstream billed', judge: ledgerSum },
];
