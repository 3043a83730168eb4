import { DecisionView, GatewayError, viewReasons } from '@longhaul/contract';
import { Assumptions, Registry } from '@longhaul/registry';
import { ExpectedWait, expectedWait, STORE_AWAY, WaitFigures } from './expected-wait';
import { kindOf } from './kinds';
import { Submission } from './submission';

/** The decision that such a job would get, field by field, and what is besides. */
export interface RouteExplanation extends Omit<DecisionView, 'decided_by'> {
  readonly object: 'route.explanation';
  /** Null when no target is left. */
  readonly decided_by: string | null;
  /** Null when no target is left. */
  readonly expected_wait: ExpectedWait | null;
  /** What a job would be refused with. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Tells where a job would run and why, without accepting it. */
export class RouteExplainer {
  constructor(
    private readonly registry: Registry,
    private readonly records: WaitFigures,
  ) {}

  /** The choice asks no database; without one only the wait is left open. @throws GatewayError invalid_request, model_not_found */
  async explain(submission: Submission, assumed: Assumptions = {}): Promise<RouteExplanation> {
    const kind = kindOf(submission.type);
    const need = kind.need(kind.parse(submission.input));
    const { decidedBy, error, ...told } = this.registry.explain(need, { request: submission, assumed });
    const [first] = told.chain;
    return {
      object: 'route.explanation',
      decided_by: decidedBy,
      ...viewReasons(told),
      expected_wait: first === undefined ? null : await this.waitFor(first),
      error: error === null ? null : viewError(error),
    };
  }

  private waitFor(first: { readonly provider: string; readonly model: string }): Promise<ExpectedWait> {
    return expectedWait(first, this.records).catch((thrown: unknown) => {
      if (GatewayError.from(thrown).code === 'store_unavailable') return STORE_AWAY;
      throw thrown;
    });
  }
}

const viewError = ({ code, message }: GatewayError): RouteExplanation['error'] => ({ code, message });
