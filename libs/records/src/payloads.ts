import { Statement } from './database';
import { startsFrom } from './starts-from';

/** By job type, the newest version of its stored input that this process can read; a type that is not there is unknown. */
export type KnownPayloads = Readonly<Record<string, number>>;

/** As a parameter of the statements below; null = whatever there is, for whoever runs no jobs. */
export const payloadsText = (known: KnownPayloads | null): string | null =>
  known === null ? null : JSON.stringify(known);

/**
 * True of a job that this process can read. During a rollout others may have accepted what only they understand.
 * `nullif`, because a statement that is sent with its values in its text knows no null.
 */
export const isReadable = (parameter: string, job = ''): string => {
  const of = job === '' ? '' : `${job}.`;
  return `(nullif(${parameter}::text, '') IS NULL
    OR ${of}payload_version <= coalesce((nullif(${parameter}::text, '')::jsonb ->> ${of}type)::int, 0))`;
};

/**
 * Guarantees: a job that nobody holds loses its ticket of this ring and is rung anew after a pause, by a process that
 * can read it; no attempt is written. Inputs: $1 id, $2 ring, $3 pause in ms. Returns: its lane, if it was there.
 */
export const LEAVE_TO_NEWER: Statement = {
  name: 'leave_to_newer',
  text: `
    UPDATE jobs SET ring = ring + 1, rung_at = NULL,
      ready_at = greatest(ready_at, clock_timestamp() + $3 * interval '1 millisecond')
    WHERE id = $1 AND ring = $2 AND coalesce(lease_owner, '') = '' AND ${startsFrom('ring')}
    RETURNING provider AS lane, type, payload_version AS version`,
};
