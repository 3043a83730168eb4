const isRemoved = ({ status }) => status === 200;

/** Whole, and for a reason; what its calls cost stays booked. */
function removed({ gone, rows, ran }) {
  const wanted = new Set(ran.client.removals.map(({ id }) => id));
  const brief = new Set(ran.jobs.filter(({ ttlSeconds }) => ttlSeconds).map(({ marker }) => marker));
  const there = new Set(rows.map(({ id }) => id));
  const told = ran.client.removals.filter(isRemoved);
  const bad = [
    ...gone
      .filter(({ id, marker }) => !wanted.has(id) && !brief.has(marker))
      .map(({ id, marker }) => `${id} (${marker}) is gone, and nobody wanted that`),
    ...gone.filter(({ left }) => left > 0).map(({ id, left }) => `${id} is gone, but for ${left} rows`),
    ...told.filter(({ id }) => there.has(id)).map(({ id }) => `${id} was told as deleted, and is there`),
    ...gone.flatMap(({ id, calls, booked }) => {
      const sent = booked.filter(({ call }) => call !== 'not_sent').length;
      return sent < calls.length ? [`${id} is gone with ${calls.length} calls, and ${sent} are booked`] : [];
    }),
  ];
  return { said: `${told.length} deletes told, ${gone.length} jobs gone`, bad, seen: gone.length };
}

export const REMOVALS = [
  { name: 'removed', what: 'a job is deleted whole, when that was wanted; its cost stays', judge: removed },
];
