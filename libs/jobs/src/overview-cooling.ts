import { CoolingScope } from '@longhaul/records';

/** What bars a provider as a whole, and which of its models are barred. */
export interface LaneCooling {
  readonly lane: CoolingScope | null;
  readonly models: readonly { readonly model: string; readonly until: Date; readonly code: string }[];
}

/** The scopes of one provider. */
export function scopesOf(provider: string, cooling: readonly CoolingScope[]): CoolingScope[] {
  const whole = [`provider:${provider}`, `credential:${provider}`];
  return cooling.filter(({ scope }) => whole.includes(scope) || scope.startsWith(`target:${provider}/`));
}

/** Of several bars over the whole provider the one that ends last. */
export function coolingOf(provider: string, cooling: readonly CoolingScope[]): LaneCooling {
  const prefix = `target:${provider}/`;
  const own = scopesOf(provider, cooling);
  const whole = own.filter(({ scope }) => !scope.startsWith(prefix));
  return {
    lane: whole.reduce<CoolingScope | null>(
      (latest, bar) => (latest === null || bar.until > latest.until ? bar : latest),
      null,
    ),
    models: own
      .filter(({ scope }) => scope.startsWith(prefix))
      .map(({ scope, until, code }) => ({ model: scope.slice(prefix.length), until, code })),
  };
}

/** Rounded up: a bar never looks over while it stands. */
export const unixSeconds = (moment: Date): number => Math.ceil(moment.getTime() / 1000);
