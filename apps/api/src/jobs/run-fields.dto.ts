import { Describe, IsNumberBetween, IsShape, IsWholeNumber } from '@longhaul/contract';
import { RunRequest } from '@longhaul/jobs';
import { IsOptional } from 'class-validator';
import { dateOf, IsMetadata, IsName, IsNameList } from './field-rules';
import { RoutingDto, wishesOf } from './routing.dto';

/** One less than the hard limit of nine rungs: the first is the model itself. */
const MAX_FALLBACKS = 8;
const DAY_S = 86_400;
/** Time enough to read what was asked for. */
const SHORTEST_TTL_S = 60;
const LONGEST_TTL_S = 3650 * DAY_S;

/** What every body that makes work may say about how it is run. A null stands for an absent field. */
export class RunFields {
  @Describe(
    'A model string: `auto` (also when absent), `tier:fast`, `tier:balanced` or `tier:powerful`, `<provider>/<model>`, or a name out of the catalogue.',
  )
  @IsOptional()
  @IsName()
  model?: string | null;

  @Describe('Only models of this provider.')
  @IsOptional()
  @IsName()
  provider?: string | null;

  @Describe('Model strings to try after the first, in order. Absent = the configured order; `[]` = none.')
  @IsOptional()
  @IsNameList({ max: MAX_FALLBACKS })
  fallbacks?: string[] | null;

  @Describe('How a model is chosen.')
  @IsOptional()
  @IsShape(() => RoutingDto)
  routing?: RoutingDto | null;

  @Describe('Higher runs sooner; 5 when absent.')
  @IsOptional()
  @IsWholeNumber({ min: 0, max: 9 })
  priority?: number | null;

  @Describe(
    'Seconds after which the job fails, from `run_at` or from now, whichever is later. When absent, 3600 for a chat and 7200 for an audit, unless the operator chose otherwise.',
  )
  @IsOptional()
  @IsNumberBetween({ min: 1, max: DAY_S })
  deadline_s?: number | null;

  @Describe('Seconds that one upstream call may take; never more than its provider’s own clock.')
  @IsOptional()
  @IsNumberBetween({ min: 0.001, max: DAY_S })
  timeout_s?: number | null;

  @Describe(
    'Seconds for which the job is kept after its end, with its input and output; then whoever asks gets `410`. Absent = as long as the operator chose, 30 days unless otherwise.',
  )
  @IsOptional()
  @IsNumberBetween({ min: SHORTEST_TTL_S, max: LONGEST_TTL_S })
  ttl_s?: number | null;

  @Describe('Pairs of text that come back with the job; a list can be filtered by them.')
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, string> | null;
}

/** The checked fields in the words of the jobs library; what is absent stays absent. */
export function runRequestOf(dto: RunFields & { readonly run_at?: number | string | null }): RunRequest {
  return {
    ...present('model', dto.model),
    ...present('provider', dto.provider),
    ...present('fallbacks', dto.fallbacks),
    ...present('routing', wishesOf(dto.routing)),
    ...present('priority', dto.priority),
    ...present('deadlineSeconds', dto.deadline_s),
    ...present('timeoutSeconds', dto.timeout_s),
    ...present('ttlSeconds', dto.ttl_s),
    ...present('runAt', dateOf(dto.run_at)),
    ...present('metadata', dto.metadata),
    ...present('fallbackOnRefusal', dto.routing?.fallback_on_refusal),
  };
}

const present = <Name extends keyof RunRequest>(
  name: Name,
  value: RunRequest[Name] | null,
): Partial<Pick<RunRequest, Name>> =>
  value === undefined || value === null ? {} : ({ [name]: value } as Pick<RunRequest, Name>);
