import { GatewayError } from '@longhaul/contract';
import { isLockWait } from './store-faults';

/** How long a key stands for its first request. */
export const KEY_LIFE = `interval '24 hours'`;
/** How long a repeat waits for a first request that is being written. Usually it is milliseconds, and no 409. */
export const TWIN_PATIENCE = '500ms';

export const explainTwin = (thrown: unknown): never => {
  throw isLockWait(thrown) ? inFlight() : thrown;
};

export const inFlight = (): GatewayError =>
  new GatewayError(
    'idempotency_in_flight',
    'A request with this Idempotency-Key is being accepted right now. Send it again in a second.',
    { param: 'Idempotency-Key', retryAfterMs: 1000 },
  );

export const conflict = (id: string): GatewayError =>
  new GatewayError(
    'idempotency_conflict',
    `This Idempotency-Key belongs to job ${id}, which was sent with another body. Use a new key for a new job.`,
    { param: 'Idempotency-Key', shouldRetry: false },
  );

export const deleted = (id: string): GatewayError =>
  new GatewayError(
    'gone',
    `This Idempotency-Key belongs to job ${id}, which was deleted. Use a new key for a new job.`,
    { param: 'Idempotency-Key', shouldRetry: false },
  );
