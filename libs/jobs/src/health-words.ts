import { Circuit, TargetHealth } from '@longhaul/records';
import { HealthSettings } from '@longhaul/settings';

/** What is known of the health of all targets at one moment, on the database's clock. */
export interface HealthSnapshot {
  readonly now: Date;
  readonly circuits: readonly Circuit[];
  readonly targets: readonly TargetHealth[];
}

/** What a circuit is of. */
export interface CircuitScope {
  readonly of: 'target' | 'credential' | 'provider';
  readonly provider: string;
  /** Null but for a target. */
  readonly model: string | null;
}

/** Null for a scope of another Longhaul. */
export function scopeOf(scope: string): CircuitScope | null {
  const [, of, rest] = /^(target|credential|provider):(.+)$/s.exec(scope) ?? [];
  if (rest === undefined) return null;
  const [provider = '', model = null] = split(rest, of === 'target' ? '/' : ':');
  if (of === 'target') return model === null ? null : { of, provider, model };
  return { of: of === 'provider' ? of : 'credential', provider, model: null };
}

function split(text: string, at: string): string[] {
  const index = text.indexOf(at);
  return index < 0 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

/**
 * Why policy passes over a provider or a `<provider>/<model>` now: a sentence each. A half-open circuit takes its probe
 * from whoever comes, and bars the others only while that call is under way.
 */
export function illnessesOf(
  { now, circuits, targets }: HealthSnapshot,
  settings: HealthSettings,
): Map<string, string> {
  const illnesses = new Map<string, string>();
  for (const target of targets) {
    const sentence = weakness(target, now, settings);
    if (sentence !== null) illnesses.set(target.target, sentence);
  }
  for (const circuit of circuits) {
    const scope = scopeOf(circuit.scope);
    if (scope === null || (circuit.state === 'half_open' && !circuit.isProbed)) continue;
    const name = scope.model === null ? scope.provider : `${scope.provider}/${scope.model}`;
    illnesses.set(name, barWords(circuit, scope, name));
  }
  return illnesses;
}

function barWords({ state, until, code }: Circuit, { of, provider }: CircuitScope, name: string): string {
  const who = {
    target: name,
    provider: `Provider ${provider}`,
    credential: `The key of provider ${provider}`,
  };
  if (state === 'half_open') return `${who[of]} is being tried by one call after its failures (${code}).`;
  const verb = of === 'credential' ? 'used' : 'called';
  const moment = until.toISOString().replace(/\.\d{3}Z$/, 'Z');
  return `${who[of]} may not be ${verb} before ${moment} (${code}).`;
}

/** A success rate as it counts at a moment: failures fade with time. */
export function successAt(
  { successRate, updatedAt }: Pick<TargetHealth, 'successRate' | 'updatedAt'>,
  now: Date,
  halfLifeMs: number,
): number {
  const ageMs = Math.max(0, now.getTime() - updatedAt.getTime());
  return 1 - (1 - successRate) * 0.5 ** (ageMs / halfLifeMs);
}

function weakness(health: TargetHealth, now: Date, settings: HealthSettings): string | null {
  const { minSamples, minSuccess, halfLifeMs } = settings;
  if (health.samples < minSamples || successAt(health, now, halfLifeMs) >= minSuccess) return null;
  const share = (part: number): string => `${String(Math.round(part * 100))} %`;
  const rate = share(health.successRate);
  return `Only ${rate} of the latest calls of ${health.target} went well; HEALTH_MIN_SUCCESS asks for ${share(minSuccess)}.`;
}
