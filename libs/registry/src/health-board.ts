import { HealthPort, nameOf } from '@longhaul/contract';
import { fold } from './entry';

type TargetName = Parameters<HealthPort['refusal']>[0];

/** What is known of the providers' live state; whoever finds something out writes it here. Knows nothing at first. */
export class HealthBoard implements HealthPort {
  private readonly refusals = new Map<string, string>();
  private readonly models = new Map<string, ReadonlySet<string>>();
  private illnesses: ReadonlyMap<string, string> = new Map();

  refusal({ provider }: TargetName): string | null {
    return this.refusals.get(provider) ?? null;
  }

  /** What holds for a whole provider goes before what holds for one of its models. */
  illness(target: TargetName): string | null {
    return this.illnesses.get(target.provider) ?? this.illnesses.get(nameOf(target)) ?? null;
  }

  /** A name without a tag also means its `:latest`, as Ollama has it. */
  offers({ provider, model }: TargetName): boolean {
    const known = this.models.get(provider);
    return known !== undefined && (known.has(fold(model)) || known.has(`${fold(model)}:latest`));
  }

  /** @param sentence why nothing of this provider is to be chosen; null = nothing speaks against it */
  refuse(provider: string, sentence: string | null): void {
    if (sentence === null) this.refusals.delete(provider);
    else this.refusals.set(provider, sentence);
  }

  /** All illnesses that there are now: sentences by provider, or by `<provider>/<model>`. */
  ail(illnesses: ReadonlyMap<string, string>): void {
    this.illnesses = illnesses;
  }

  /** What the provider says it has. */
  list(provider: string, models: readonly string[]): void {
    this.models.set(provider, new Set(models.map(fold)));
  }
}
