import { DecisionView, GatewayError, viewReasons } from '@longhaul/contract';
import { Assumptions, Registry } from '@longhaul/registry';
import { kindOf } from './kinds';
import { Submission } from './submission';

/** The decision that such a job would get, field by field, and what is besides. */
export interface RouteExplanation extends Omit<DecisionView, 'decided_by'> {
  readonly object: 'route.explanation';
  /** Null when no target is left. */
  readonly decided_by: string | null;
  /** What a job would be refused with. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Tells where a job would run and why, without accepting it. */
export class RouteExplainer {
  constructor(private readonly registry: Registry) {}

  /** @throws GatewayError invalid_request, model_not_found */
  explain(submission: Submission, assumed: Assumptions = {}): RouteExplanation {
    const kind = kindOf(submission.type);
    const need = kind.need(kind.parse(submission.input));
    const { decidedBy, error, ...told } = this.registry.explain(need, { request: submission, assumed });
    return {
      object: 'route.explanation',
      decided_by: decidedBy,
      ...viewReasons(told),
      error: error === null ? null : viewError(error),
    };
  }
}

const viewError = ({ code, message }: GatewayError): RouteExplanation['error'] => ({ code, message });
