import { Circuit } from '@longhaul/records';
import { scopeOf } from './health-words';

/** What bars a provider as a whole, and which of its models are barred. */
export interface LaneCooling {
  readonly lane: Pick<Circuit, 'scope' | 'until' | 'code'> | null;
  readonly models: readonly { readonly model: string; readonly until: Date; readonly code: string }[];
  /** What one call finds out the health of, while the others wait: models, or null for the provider as a whole. */
  readonly probed: readonly (string | null)[];
}

export interface CircuitView {
  readonly scope: 'target' | 'credential' | 'provider';
  /** Null but for a target. */
  readonly model: string | null;
  readonly state: Circuit['state'];
  /** Unix seconds; in the past for one that is half open. */
  readonly until: number;
  readonly code: string;
  readonly strikes: number;
  /** One call is under way that finds out whether it may be closed; the others wait for it. */
  readonly probing: boolean;
}

const isOpen = ({ state }: Circuit): boolean => state === 'open';

/** The circuits of one provider. */
export const circuitsOf = (provider: string, circuits: readonly Circuit[]): Circuit[] =>
  circuits.filter(({ scope }) => scopeOf(scope)?.provider === provider);

/** Of several bars over the whole provider the one that ends last. */
export function coolingOf(provider: string, circuits: readonly Circuit[]): LaneCooling {
  const own = circuitsOf(provider, circuits).map((circuit) => ({ circuit, model: modelOf(circuit) }));
  const open = own.filter(({ circuit }) => isOpen(circuit));
  return {
    lane: lastOf(open.flatMap(({ circuit, model }) => (model === null ? [circuit] : []))),
    models: open.flatMap(({ circuit: { until, code }, model }) =>
      model === null ? [] : [{ model, until, code }],
    ),
    probed: own.flatMap(({ circuit, model }) => (isProbing(circuit) ? [model] : [])),
  };
}

const modelOf = ({ scope }: Circuit): string | null => scopeOf(scope)?.model ?? null;

/** A probe bars the others of its circuit only once the bar itself is over. */
export const isProbing = ({ state, isProbed }: Circuit): boolean => state === 'half_open' && isProbed;

export const lastOf = (circuits: readonly Circuit[]): Circuit | null =>
  circuits.reduce<Circuit | null>(
    (latest, bar) => (latest === null || bar.until > latest.until ? bar : latest),
    null,
  );

/** Those of one provider that are not closed. */
export const viewCircuits = (provider: string, circuits: readonly Circuit[]): CircuitView[] =>
  circuits.flatMap((circuit) => {
    const of = scopeOf(circuit.scope);
    if (of?.provider !== provider) return [];
    const { state, until, code, strikes } = circuit;
    return [
      {
        ...{ scope: of.of, model: of.model, state, code, strikes },
        ...{ until: unixSeconds(until), probing: isProbing(circuit) },
      },
    ];
  });

/** What nobody calls until then. */
export const viewCooling = (
  provider: string,
  circuits: readonly Circuit[],
): { readonly scope: string; readonly until: number; readonly code: string }[] =>
  circuitsOf(provider, circuits)
    .filter(isOpen)
    .map(({ scope, until, code }) => ({ scope, until: unixSeconds(until), code }));

/** Rounded up: a bar never looks over while it stands. */
export const unixSeconds = (moment: Date): number => Math.ceil(moment.getTime() / 1000);
