import { join } from 'node:path';
import { ChatRequest, TOOL_CHOICES, ToolChoice, ToolChoiceKind } from '@longhaul/contract';
import { DIALECTS } from '@longhaul/providers';
import { loadSettings } from '@longhaul/settings';
import { collect, DialectBench, fixturesOf, replay } from './dialect.bench';

type Body = Readonly<Record<string, unknown>>;
const at = (body: unknown, ...path: string[]): unknown =>
  path.reduce<unknown>((so, member) => (so as Body | undefined)?.[member], body);

const WORDS: Readonly<Record<string, ToolChoiceKind>> = {
  auto: 'auto',
  none: 'none',
  required: 'required',
  function: 'named',
  any: 'required',
  tool: 'named',
};

/** What a body says of the choice of tools, in whichever protocol; undefined = nothing. */
function saidIn(body: Body): ToolChoiceKind | undefined {
  const calling = at(body, 'toolConfig', 'functionCallingConfig');
  if (at(calling, 'allowedFunctionNames') !== undefined) return 'named';
  const choice = body['tool_choice'] ?? at(calling, 'mode');
  const word = typeof choice === 'string' ? choice : at(choice, 'type');
  return typeof word === 'string' ? (WORDS[word.toLowerCase()] ?? raise(word)) : undefined;
}

const raise = (word: string): never => {
  throw new Error(`nobody here knows the tool_choice ${word}`);
};

const temperatureIn = (body: Body): unknown =>
  body['temperature'] ?? at(body, 'generationConfig', 'temperature') ?? at(body, 'options', 'temperature');

const { providers, models } = loadSettings({ env: {}, configDir: join(__dirname, '..', '..', 'config') });
const served = providers.map((provider) => ({
  provider,
  rows: models.filter((row) => row.provider === provider.name && row.status !== 'retired'),
}));

const TOOLS = [{ name: 'look', parameters: { type: 'object', properties: {} } }];
const choiceOf = (kind: ToolChoiceKind): ToolChoice => (kind === 'named' ? { kind, name: 'look' } : { kind });
const MESSAGES: ChatRequest['messages'] = [
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: ' ' },
  { role: 'user', content: [{ type: 'text', text: '' }] },
  { role: 'user', content: 'Look' },
];

describe.each(served.map(({ provider, rows }) => [provider.name, provider, rows] as const))(
  'the provider %s',
  (name, provider, rows) => {
    const dialect = DIALECTS.find((known) => known.name === provider.dialect)!;
    const bench = new DialectBench(dialect);
    beforeAll(() => bench.open());
    afterAll(() => bench.close());

    async function sent(request: Partial<ChatRequest>): Promise<{ body: Body; notes: readonly string[] }> {
      bench.script = replay(fixturesOf(dialect.name, 'answers')[0]!.reply);
      const events = await collect(bench.call({ settings: { name }, request }));
      const notes = events.flatMap((event) => (event.type === 'adjusted' ? event.notes : []));
      return { body: JSON.parse(bench.lastRequest.body) as Body, notes };
    }

    it('has models to be asked', () => {
      expect(rows.length).toBeGreaterThan(0);
    });

    it.each(TOOL_CHOICES)('is told tool_choice %s only where the model takes it', async (kind) => {
      for (const row of rows) {
        const asked = { model: row.id, traits: row, tools: TOOLS, toolChoice: choiceOf(kind) };
        const { body, notes } = await sent(asked);
        const said = saidIn(body);
        expect([row.id, row.toolChoices ?? TOOL_CHOICES]).toEqual([
          row.id,
          said === undefined ? expect.anything() : expect.arrayContaining([said]),
        ]);
        expect([row.id, said ?? kind]).toEqual([row.id, kind]);
        if (said === undefined && kind !== 'auto') expect([row.id, notes.length]).not.toEqual([row.id, 0]);
        if (said === undefined && kind === 'none')
          expect([row.id, body['tools']]).toEqual([row.id, undefined]);
        else
          expect([row.id, JSON.stringify(body['tools'])]).toEqual([row.id, expect.stringContaining('look')]);
      }
    });

    it.each(TOOL_CHOICES)('is told no tool_choice %s without tools', async (kind) => {
      for (const row of rows) {
        const { body } = await sent({ model: row.id, traits: row, toolChoice: choiceOf(kind) });
        expect([row.id, saidIn(body), body['tools']]).toEqual([row.id, undefined, undefined]);
      }
    });

    it('is sent no message that says nothing', async () => {
      for (const row of rows) {
        const { body, notes } = await sent({ model: row.id, traits: row, messages: MESSAGES });
        expect(JSON.stringify(body)).not.toMatch(/"(content|text)":" ?"/);
        expect(notes).toContain('2 empty messages were left out.');
      }
    });

    it('is told a temperature only as the model takes it', async () => {
      for (const row of rows) {
        for (const asked of [0.3, 1, 1.9]) {
          const { body, notes } = await sent({ model: row.id, traits: row, temperature: asked });
          const said = temperatureIn(body);
          const { temperature: rule } = row;
          if (rule.kind === 'omit') expect([row.id, said]).toEqual([row.id, undefined]);
          if (rule.kind === 'fixed')
            expect([row.id, [rule.value, undefined]]).toEqual([row.id, expect.arrayContaining([said])]);
          if (rule.kind === 'range') expect([row.id, said]).toEqual([row.id, Math.min(asked, rule.max)]);
          expect([row.id, notes.length > 0]).toEqual([row.id, said !== asked]);
        }
      }
    });
  },
);
