import { randomBytes } from 'node:crypto';
import { invalidRequest } from '@longhaul/contract';
import { auditKind } from './audit.kind';
import { chatKind } from './chat.kind';
import { JobKind } from './kind';

const FENCE_NONCE_BYTES = 8;

/** Every job type there is. Adding one: a file `<name>.kind.ts` and a line here. */
export const JOB_KINDS: readonly JobKind[] = [
  chatKind,
  auditKind({ nonce: () => randomBytes(FENCE_NONCE_BYTES).toString('hex') }),
];

/** The kind of a job's `type`; throws `invalid_request` at `/type`, naming the known ones. */
export function kindOf(type: string): JobKind {
  const kind = JOB_KINDS.find((known) => known.type === type);
  if (kind !== undefined) return kind;
  const known = JOB_KINDS.map((each) => each.type).join(', ');
  throw invalidRequest([{ pointer: '/type', detail: `must be one of ${known}.` }]);
}

/** What a worker of this version can run. */
export const KNOWN_PAYLOADS: Readonly<Record<string, number>> = Object.fromEntries(
  JOB_KINDS.map(({ type, payloadVersion }) => [type, payloadVersion]),
);

export * from './kind';
