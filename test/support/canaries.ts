import { randomWord } from './scratch';

/** A word that must not turn up where it does not belong. Credentials belong nowhere; prompts to their job alone. */
export interface Canary {
  readonly what: string;
  readonly belongs: 'nowhere' | 'job';
  readonly word: string;
}

/** Long enough for its base64 to be found at any offset of what holds it. */
const wordOf = (what: string): string => `lh-${what.replace(/\W+/g, '-')}-${randomWord()}-${randomWord()}`;

export class Canaries {
  readonly all: Canary[] = [];

  plant(what: string, belongs: Canary['belongs']): string {
    return this.watch(what, belongs, wordOf(what));
  }

  /** The same with a word that is there already. */
  watch(what: string, belongs: Canary['belongs'], word: string): string {
    this.all.push({ what, belongs, word });
    return word;
  }

  /** What of them stands in these bytes, in any of the writings in which a word travels. */
  in(bytes: string | Buffer, belongs?: Canary['belongs']): string[] {
    const text = typeof bytes === 'string' ? bytes : bytes.toString('latin1');
    return this.all.flatMap((canary) =>
      (belongs === undefined || canary.belongs === belongs) &&
      writingsOf(canary.word).some((each) => text.includes(each))
        ? [canary.what]
        : [],
    );
  }
}

const writings = new Map<string, readonly string[]>();

/** As it is, as base64 wherever it begins in a larger text, in hex, and backwards. */
function writingsOf(word: string): readonly string[] {
  const known = writings.get(word);
  if (known) return known;
  const bytes = Buffer.from(word);
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    // The first and the last characters also carry bits of the neighbours.
    return encoded.slice(offset === 0 ? 0 : 4, -4);
  });
  const made = [
    word,
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    bytes.toString('hex'),
    [...word].reverse().join(''),
  ];
  writings.set(word, made);
  return made;
}
