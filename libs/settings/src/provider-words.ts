import { inPriorityOrder, Member, providersMeantBy } from './families';
import { nearest } from './nearest';
import { refuse, Valued } from './valued';

/** The usual name of a provider of one's own. It stands in the built-in order, whether there is one or not. */
const ONES_OWN = 'custom';

/** Turns the words of a list into providers. A word that means none stops the boot. */
export class ProviderWords {
  constructor(private readonly providers: readonly Member[]) {}

  /** Family words count; each provider once, in the order of the words. */
  meant(list: Valued<readonly string[] | null>): readonly string[] | null {
    if (list.value === null) return null;
    const names = list.value.flatMap((word) => {
      const meant = providersMeantBy(word, this.providers);
      // The built-in words are written for more setups than this one, and people write them down as they are shown.
      const mayBeAbsent = list.origin === 'built-in' || word.toLowerCase() === ONES_OWN;
      return meant.length === 0 && !mayBeAbsent ? this.refuseUnknown(list, word) : meant;
    });
    return [...new Set(names)];
  }

  /** Names only: where each provider stands for itself, a family's word means nothing. */
  named(list: Valued<readonly string[] | null>): readonly string[] | null {
    if (list.value === null) return null;
    const names = list.value.map((word) => word.toLowerCase());
    return [...new Set(names.map((name) => (this.has(name) ? name : this.refuseUnknown(list, name))))];
  }

  has(name: string): boolean {
    return this.providers.some((provider) => provider.name === name);
  }

  refuseUnknown(stated: Valued<unknown>, word: string): never {
    const families = this.providers.flatMap(({ family }) => (family === null ? [] : [family]));
    const known = [...new Set([...inPriorityOrder(this.providers), ...families])];
    const near = nearest(word, known);
    const fix = near === null ? `The known ones are: ${known.join(', ')}` : `Did you mean "${near}"?`;
    return refuse(stated, `names "${word}", which is no provider`, fix);
  }
}
