import { CallPhase, JsonSchema } from '@longhaul/contract';
import type { AttemptStatus, AttemptView, LedgerCall } from '@longhaul/records';
import {
  about,
  always,
  COST,
  COUNT,
  EXACT_MOMENT,
  listOf,
  nullable,
  ref,
  TEXT,
  viewOf,
  wordsOf,
} from './view';

const STATUS = wordsOf<AttemptStatus>({
  running: true,
  succeeded: true,
  failed: true,
  cancelled: true,
  abandoned: true,
});

const CALL = wordsOf<LedgerCall>({ answered: true, not_sent: true, unknown: true });

const PHASE = wordsOf<CallPhase>({
  before_send: true,
  before_headers: true,
  before_first_token: true,
  mid_answer: true,
});

export const ATTEMPT: JsonSchema = viewOf<AttemptView>(
  {
    id: TEXT,
    object: always('attempt'),
    number: about('Counts from 1 in each job.', { type: 'integer', minimum: 1 }),
    lane: about('The queue it came through: that of its provider.', TEXT),
    ring: COUNT,
    provider: TEXT,
    model: TEXT,
    worker: about('The process that made the call.', TEXT),
    status: STATUS,
    error: nullable(viewOf<NonNullable<AttemptView['error']>>({ code: TEXT, message: nullable(TEXT) })),
    phase: about('How far the call had come when it failed.', nullable(PHASE)),
    upstream_status: nullable({ type: 'integer' }),
    upstream_request_id: about('For questions to the provider.', nullable(TEXT)),
    started_at: EXACT_MOMENT,
    ended_at: nullable(EXACT_MOMENT),
    first_token_ms: nullable(COUNT),
    adjustments: about(
      'What of the request was sent otherwise than it was asked for: one sentence each.',
      listOf(TEXT),
    ),
    call: about(
      'What the ledger knows of the call: `unknown` = sent, its outcome not known; null while it runs.',
      nullable(CALL),
    ),
    usage: nullable(ref('Usage')),
    cost_usd: about('Null = unpriced, never free.', COST),
  },
  { description: 'One call to one model, as the ledger has it.' },
);
