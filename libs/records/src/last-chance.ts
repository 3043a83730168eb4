import { Statement } from './database';
import { startsFrom } from './starts-from';

/** As many deaths end a job as `poison`. */
export const DEATHS_UNTIL_POISON = 3;

/** As SQL: whose death it was, and since when it had the job. */
interface Suspect {
  readonly job: string;
  readonly worker: string;
  readonly since: string;
}

/**
 * As SQL: a dead worker held, besides the job, one on its last chance, still or until it was freed. Then the death is
 * charged to that one. A worker's name is its process's alone; but one that only stood still loses its jobs, lives on, and
 * may lose others later: what was freed before the job was claimed is not to blame.
 * @param deaths as many as end a job
 */
export const othersToBlame = ({ job, worker, since }: Suspect, deaths: string): string => `(
  EXISTS (SELECT 1 FROM jobs o WHERE o.lease_owner IS NOT NULL AND o.lease_owner = ${worker} AND o.id <> ${job}
          AND o.deaths >= ${deaths} - 1)
  OR EXISTS (SELECT 1 FROM attempts l JOIN jobs o ON o.id = l.job_id
             WHERE l.code = 'worker_lost' AND l.worker = ${worker} AND o.id <> ${job} AND o.deaths >= ${deaths}
               AND l.ended_at > ${since}))`;

/**
 * Guarantees: takes the bell of a job that nobody holds; it keeps its place in the line. For a pause its lane rings no
 * job on its last chance: the worker that was asked has one, and would be asked again at once. Inputs: $1 id, $2 ring, $3 pause in ms.
 */
export const SPARE: Statement = {
  name: 'spare',
  text: `
    WITH spared AS (
      UPDATE jobs SET ring = ring + 1, rung_at = NULL
      WHERE id = $1 AND ring = $2 AND coalesce(lease_owner, '') = '' AND ${startsFrom('ring')}
      RETURNING provider
    )
    UPDATE lanes SET spares_until = clock_timestamp() + $3 * interval '1 millisecond'
    FROM spared WHERE lanes.name = spared.provider`,
};
