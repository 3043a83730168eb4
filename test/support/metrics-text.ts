/** One sample of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly name: string;
  readonly kind: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

const HELP = /^# HELP (?<name>[a-z_:][a-z0-9_:]*) (?<help>.+)$/;
const TYPE = /^# TYPE (?<name>[a-z_:][a-z0-9_:]*) (?<kind>counter|gauge|histogram)$/;
const SAMPLE = /^(?<name>[a-z_:][a-z0-9_:]*)(?:\{(?<labels>.*)\})? (?<value>[-+]?(?:\d.*|Inf)|NaN)$/;
const LABEL = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/gy;

function labelsOf(text: string, line: string): Record<string, string> {
  const pairs = [...text.matchAll(LABEL)];
  const read = pairs.map(([pair]) => pair).join('');
  if (read !== text) throw new Error(`labels that cannot be read: ${line}`);
  const labels = Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, value]));
  if (Object.keys(labels).length !== pairs.length) throw new Error(`a label twice: ${line}`);
  return labels;
}

function sampleOf(line: string): Sample {
  const { name = '', labels = '', value = '' } = SAMPLE.exec(line)?.groups ?? {};
  const number = Number(value.replace('Inf', 'Infinity'));
  if (name === '' || Number.isNaN(number)) throw new Error(`a line that cannot be read: ${line}`);
  return { name, labels: labelsOf(labels, line), value: number };
}

function belongs({ name, kind }: Family, sample: Sample): boolean {
  if (kind !== 'histogram') return sample.name === name;
  const suffix = sample.name.startsWith(name) ? sample.name.slice(name.length) : '';
  return suffix === '_bucket' ? 'le' in sample.labels : suffix === '_sum' || suffix === '_count';
}

/** Reads the text format of Prometheus as strictly as its own tools do: every line, or it throws. */
export function readMetrics(text: string): Family[] {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families: (Family & { samples: Sample[] })[] = [];
  let help = { name: '', help: '' };
  for (const line of text.split('\n').filter((each) => each !== '')) {
    if (line.startsWith('# HELP')) {
      help = { name: '', help: '', ...HELP.exec(line)?.groups };
    } else if (line.startsWith('#')) {
      const { name = '', kind = '' } = TYPE.exec(line)?.groups ?? {};
      if (name === '' || name !== help.name) throw new Error(`a type without its help: ${line}`);
      if (families.some((family) => family.name === name)) throw new Error(`twice: ${line}`);
      families.push({ ...help, kind, samples: [] });
    } else {
      const sample = sampleOf(line);
      const family = families.at(-1);
      if (!family || !belongs(family, sample)) throw new Error(`outside its family: ${line}`);
      family.samples.push(sample);
    }
  }
  for (const family of families) checkFamily(family);
  return families;
}

const keyOf = ({ name, labels }: Sample): string => `${name}${JSON.stringify(Object.entries(labels).sort())}`;

function checkFamily({ name, kind, samples }: Family): void {
  const keys = samples.map(keyOf);
  if (new Set(keys).size !== keys.length) throw new Error(`${name} has one sample twice`);
  if (kind === 'counter' && samples.some(({ value }) => value < 0)) throw new Error(`${name} is below 0`);
  if (kind !== 'histogram') return;
  for (const count of samples.filter((sample) => sample.name === `${name}_count`)) {
    const buckets = samples.filter(
      (sample) => sample.name === `${name}_bucket` && fits(sample, count.labels, ['le']),
    );
    const values = buckets.map(({ value }) => value);
    if ([...values].sort((left, right) => left - right).join() !== values.join())
      throw new Error(`${name} has buckets that shrink`);
    if (buckets.at(-1)?.labels['le'] !== '+Inf' || values.at(-1) !== count.value)
      throw new Error(`${name} has no last bucket that holds all`);
  }
}

function fits(
  { labels }: Sample,
  wanted: Readonly<Record<string, string>>,
  ignored: readonly string[],
): boolean {
  const own = Object.entries(labels).filter(([label]) => !ignored.includes(label));
  return own.length === Object.keys(wanted).length && own.every(([label, value]) => wanted[label] === value);
}

/** One scrape, as questions ask it. */
export class Scrape {
  readonly families: readonly Family[];

  constructor(readonly text: string) {
    this.families = readMetrics(text);
  }

  static async of(url: string): Promise<Scrape> {
    const answer = await fetch(`${url}/metrics`);
    if (answer.status !== 200) throw new Error(`${url}/metrics answered ${String(answer.status)}`);
    return new Scrape(await answer.text());
  }

  /** The value of exactly this sample; 0 for a counter that has not moved. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.sample(name, labels)?.value ?? 0;
  }

  sample(name: string, labels: Readonly<Record<string, string>> = {}): Sample | undefined {
    return this.all(name).find((sample) => fits(sample, labels, []));
  }

  all(name: string): readonly Sample[] {
    return this.families.flatMap(({ samples }) => samples.filter((sample) => sample.name === name));
  }

  /** What has moved since an earlier scrape: `{a="b"}` → by how much. */
  movedSince(earlier: Scrape, name: string): Record<string, number> {
    const moved = this.all(name).map(({ labels, value }): [string, number] => [
      Object.values(labels).join(' '),
      value - earlier.value(name, labels),
    ]);
    return Object.fromEntries(moved.filter(([, by]) => by !== 0));
  }
}
