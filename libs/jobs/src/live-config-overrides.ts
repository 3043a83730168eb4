import { GatewayError } from '@longhaul/contract';
import { LaneCap, OverrideChange, TOTAL_SCOPE } from '@longhaul/records';
import { NO_OVERRIDES, Overrides, Settings } from '@longhaul/settings';
import { capVariable } from './live-config-build';

/** What is to be otherwise than in the version before. A name that is neither set nor unset stays as it is. */
export interface OverrideEdit {
  readonly set: Overrides['settings'];
  readonly unset: readonly string[];
  /** By `<provider>/<model>`; null = unpriced. */
  readonly prices: Overrides['prices'];
  readonly unsetPrices: readonly string[];
}

type Members = Readonly<Record<string, unknown>>;

/** Shown where a price is overridden by none: null means that there is no override. */
const UNPRICED = 'unpriced';

/** The overrides of a stored version. They were checked before they were written. */
export function readOverrides(stored: unknown): Overrides {
  const { settings, prices } = Object(stored ?? NO_OVERRIDES) as Partial<Overrides>;
  return { settings: settings ?? {}, prices: prices ?? {} };
}

/** @throws GatewayError config_rejected for what cannot be unset, since it is not there */
export function edited(current: Overrides, edit: OverrideEdit): Overrides {
  refuseAbsent('unset', edit.unset, current.settings);
  refuseAbsent('unset_prices', edit.unsetPrices, current.prices);
  return {
    settings: withMembers(current.settings, edit.set, edit.unset),
    prices: withMembers(current.prices, edit.prices, edit.unsetPrices),
  };
}

function refuseAbsent(param: string, names: readonly string[], held: Members): void {
  const absent = names.filter((name) => !Object.hasOwn(held, name));
  if (absent.length === 0) return;
  const there = Object.keys(held).join(', ') || 'none';
  const faults = absent.map(
    (name) => `${JSON.stringify(name)} in ${param} is not overridden; overridden: ${there}.`,
  );
  throw new GatewayError('config_rejected', faults.join(' '), { param, extra: { faults } });
}

/** By name what two sets differ in, a price by its model's name. */
export function changesBetween(before: Overrides, after: Overrides): Record<string, OverrideChange> {
  const [left, right] = [flat(before), flat(after)];
  const names = [...new Set([...Object.keys(left), ...Object.keys(right)])].sort();
  const changed = names.filter((name) => JSON.stringify(left[name]) !== JSON.stringify(right[name]));
  return Object.fromEntries(
    changed.map((name) => [name, { before: left[name] ?? null, after: right[name] ?? null }]),
  );
}

/** The caps that overrides have set. */
export function overriddenCaps({ providers, limits, origins }: Settings): LaneCap[] {
  const isOverridden = (variable: string): boolean => origins[variable] === 'override';
  return [
    ...providers
      .filter(({ name }) => isOverridden(capVariable(name)))
      .map(({ name, maxInflight }) => ({ name, cap: maxInflight })),
    ...(isOverridden('MAX_INFLIGHT_TOTAL') ? [{ name: TOTAL_SCOPE, cap: limits.maxInflightTotal }] : []),
  ];
}

function withMembers<Value>(
  held: Readonly<Record<string, Value>>,
  set: Readonly<Record<string, Value>>,
  unset: readonly string[],
): Record<string, Value> {
  const kept = Object.entries(held).filter(([name]) => !unset.includes(name));
  const all = Object.entries({ ...Object.fromEntries(kept), ...set });
  return Object.fromEntries(all.sort(([left], [right]) => (left < right ? -1 : 1)));
}

function flat({ settings, prices }: Overrides): Members {
  const shown = Object.entries(prices).map(([name, price]) => [name, price ?? UNPRICED]);
  return { ...settings, ...(Object.fromEntries(shown) as Members) };
}
