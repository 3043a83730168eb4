import { isObject } from './json';

/** One allowance of a key: what of it is used, what is left. Null = the provider does not say. */
export interface Allowance {
  /** `balance`, `key`, or the window that it is for, e.g. `plan` or `300 minutes`. */
  readonly of: string;
  readonly used: number | null;
  readonly limit: number | null;
  readonly remaining: number | null;
  /** `USD`, `CNY`, or `requests` where it is a share of a plan. */
  readonly unit: string;
  /** When it is whole again, as an ISO date; null = it does not refill by itself, or nobody says. */
  readonly resetsAt: string | null;
}

/** Where a provider tells of a key's account without cost. */
export interface AccountProbe {
  /** Below the base URL, with its leading slash. */
  readonly path: string;
  /** Pure. Null when the body says no such thing. */
  read(body: unknown, baseUrl: string): readonly Allowance[] | null;
}

/** Numbers come as numbers or, from Kimi, as strings. */
function numberOf(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function momentOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  const ms = Date.parse(value);
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

const MOONSHOT: AccountProbe = {
  path: '/users/me/balance',
  read(body, baseUrl) {
    const data = isObject(body) ? body['data'] : undefined;
    const remaining = isObject(data) ? numberOf(data['available_balance']) : null;
    if (remaining === null) return null;
    // The two platforms have accounts of their own, each in its own money.
    const unit = new URL(baseUrl).hostname.endsWith('.cn') ? 'CNY' : 'USD';
    return [{ of: 'balance', used: null, limit: null, remaining, unit, resetsAt: null }];
  },
};

/** Kimi For Coding: one allowance of the plan, and one for each shorter window. */
const KIMI: AccountProbe = {
  path: '/usages',
  read(body) {
    if (!isObject(body)) return null;
    const windows = Array.isArray(body['limits']) ? body['limits'] : [];
    const told = [
      planOf('plan', body['usage']),
      ...windows.map((each: unknown) =>
        isObject(each) ? planOf(windowOf(each['window']), each['detail']) : null,
      ),
    ].filter((each) => each !== null);
    return told.length === 0 ? null : told;
  },
};

function planOf(of: string, row: unknown): Allowance | null {
  if (!isObject(row)) return null;
  const limit = numberOf(row['limit']);
  const remaining = numberOf(row['remaining']);
  if (limit === null && remaining === null) return null;
  const used = numberOf(row['used']);
  return { of, used, limit, remaining, unit: 'requests', resetsAt: momentOf(row['resetTime']) };
}

function windowOf(window: unknown): string {
  const duration = isObject(window) ? numberOf(window['duration']) : null;
  const unit = isObject(window) ? window['timeUnit'] : undefined;
  const known = typeof unit === 'string' ? /^TIME_UNIT_(MINUTE|HOUR|DAY)$/.exec(unit)?.[1] : undefined;
  return duration === null || known === undefined ? 'window' : `${String(duration)} ${known.toLowerCase()}s`;
}

const OPENROUTER: AccountProbe = {
  path: '/key',
  read(body) {
    const data = isObject(body) ? body['data'] : undefined;
    if (!isObject(data) || numberOf(data['usage']) === null) return null;
    const [used, limit, remaining] = ['usage', 'limit', 'limit_remaining'].map((name) =>
      numberOf(data[name]),
    );
    const money = { used: used ?? null, limit: limit ?? null, remaining: remaining ?? null };
    return [{ of: 'key', ...money, unit: 'USD', resetsAt: null }];
  },
};

/** By the name of the provider. */
export const ACCOUNT_PROBES: Readonly<Record<string, AccountProbe>> = {
  moonshot: MOONSHOT,
  kimi: KIMI,
  openrouter: OPENROUTER,
};

/** These list their models to anybody: such a list says nothing of the key. */
export const PUBLIC_LISTS: readonly string[] = ['openrouter', 'ollama_cloud'];
