import { ChatRequest, Tool, TOOL_CHOICES, ToolChoice, ToolChoiceKind } from '@longhaul/contract';
import { fit, HELLO, REQUEST, traits } from './fitted-request.fixtures';

const TOOL: Tool = { name: 'look', parameters: { type: 'object' } };
const choiceOf = (kind: ToolChoiceKind): ToolChoice => (kind === 'named' ? { kind, name: 'look' } : { kind });

describe('a request that its model takes', () => {
  it('goes out as it was asked for, without a word', () => {
    const asked: ChatRequest = {
      ...REQUEST,
      tools: [TOOL],
      toolChoice: { kind: 'named', name: 'look' },
      temperature: 0.5,
      topP: 0.5,
      stop: ['END'],
      responseFormat: { kind: 'json_schema', name: 'n', schema: {} },
      reasoningEffort: 'low',
    };
    expect(fit(asked)).toEqual({ request: asked, adjustments: [] });
  });

  it('is never changed in place', () => {
    const asked = {
      ...REQUEST,
      messages: [HELLO, { role: 'user' as const, content: ' ' }],
      toolChoice: choiceOf('required'),
    };
    const before = structuredClone(asked);
    fit(asked);
    expect(asked).toEqual(before);
  });
});

describe('tool_choice', () => {
  it.each(TOOL_CHOICES)('%s is dropped where the request has no tools', (kind) => {
    for (const tools of [undefined, []]) {
      const { request, adjustments } = fit({ ...(tools && { tools }), toolChoice: choiceOf(kind) });
      expect(request).toEqual(REQUEST);
      expect(adjustments).toHaveLength(kind === 'required' || kind === 'named' ? 1 : 0);
    }
  });

  it.each(
    TOOL_CHOICES.flatMap((kind) =>
      [[], ['auto'], ['auto', 'none'], TOOL_CHOICES].map((taken) => [kind, taken] as const),
    ),
  )('%s reaches a model that takes %j only as one of these', (kind, taken) => {
    const { request, adjustments } = fit({
      tools: [TOOL],
      toolChoice: choiceOf(kind),
      traits: traits({ toolChoices: taken as ToolChoiceKind[] }),
    });
    const isTaken = (taken as readonly string[]).includes(kind);
    expect(request.toolChoice).toEqual(isTaken ? choiceOf(kind) : undefined);
    expect(request.tools).toEqual(!isTaken && kind === 'none' ? undefined : [TOOL]);
    expect(adjustments).toHaveLength(isTaken || kind === 'auto' ? 0 : 1);
  });

  it('goes by the protocol where the catalogue does not know the model', () => {
    const asked = { tools: [TOOL], toolChoice: choiceOf('required') };
    for (const known of [undefined, null, traits()]) {
      const { request } = fit(
        { ...asked, ...(known === undefined ? {} : { traits: known }) },
        { toolChoices: ['auto'] },
      );
      expect(request).not.toHaveProperty('toolChoice');
    }
  });

  it('that names a tool which is not there is dropped', () => {
    const { request, adjustments } = fit({ tools: [TOOL], toolChoice: { kind: 'named', name: 'other' } });
    expect(request).toEqual({ ...REQUEST, tools: [TOOL] });
    expect(adjustments).toEqual(['tool_choice named was left out: no tool of the request has that name.']);
  });
});

describe('tools', () => {
  it('that are the same are sent once; two of one name, and any number, are for the upstream to judge', () => {
    const other = { ...TOOL, description: 'another' };
    const { request, adjustments } = fit({ tools: [TOOL, other, { ...TOOL }] });
    expect(request.tools).toEqual([TOOL, other]);
    expect(adjustments).toHaveLength(1);
    const many = Array.from({ length: 129 }, (_, index) => ({ ...TOOL, name: `look_${String(index)}` }));
    expect(fit({ tools: many })).toEqual({ request: { ...REQUEST, tools: many }, adjustments: [] });
  });
});

describe('temperature and top_p', () => {
  it.each([
    [{ kind: 'any' }, 1.7, 1.7, 0.9],
    [{ kind: 'omit' }, 0.5, undefined, undefined],
    [{ kind: 'omit' }, 1, undefined, undefined],
    [{ kind: 'fixed', value: 1 }, 1, 1, undefined],
    [{ kind: 'fixed', value: 1 }, 0, undefined, undefined],
    [{ kind: 'range', min: 0, max: 1 }, 0, 0, 0.9],
    [{ kind: 'range', min: 0, max: 1 }, 1.5, 1, 0.9],
    [{ kind: 'range', min: 0.1, max: 1 }, 0, 0.1, 0.9],
  ] as const)('by the rule %j %d is sent as %p and a top_p of 0.9 as %p', (...[rule, asked, sent, topP]) => {
    for (const said of [{ traits: traits({ temperature: rule }) }, {}]) {
      const means = 'traits' in said ? {} : { temperature: rule };
      const { request, adjustments } = fit({ temperature: asked, topP: 0.9, ...said }, means);
      expect([request.temperature, request.topP]).toEqual([sent, topP]);
      expect(adjustments).toHaveLength((sent === asked ? 0 : 1) + (topP === 0.9 ? 0 : 1));
    }
  });

  it("keep to the protocol's rule where the catalogue has none, and to the catalogue's where it has", () => {
    const asked = { temperature: 1.5, traits: traits() };
    expect(fit(asked, { temperature: { kind: 'range', min: 0, max: 1 } }).request.temperature).toBe(1);
    const omit = { ...asked, traits: traits({ temperature: { kind: 'omit' } }) };
    expect(fit(omit, { temperature: { kind: 'range', min: 0, max: 1 } }).request).not.toHaveProperty(
      'temperature',
    );
  });
});

describe('stop sequences', () => {
  it('beyond what the protocol takes are dropped, and counted', () => {
    const stops = { most: 2, longestBytes: 4 };
    expect(fit({ stop: ['a', 'é'.repeat(3), 'b', 'c'] }, { stops })).toEqual({
      request: { ...REQUEST, stop: ['a', 'b'] },
      adjustments: ['2 of 4 stop sequences were left out: this model takes at most 2, of 4 bytes.'],
    });
    expect(fit({ stop: ['a'] }, { stops: { most: 0 } }).request).toEqual(REQUEST);
    expect(fit({ stop: ['abc', 'd'] }, { stops })).toEqual({
      request: { ...REQUEST, stop: ['abc', 'd'] },
      adjustments: [],
    });
  });
});

describe('response_format', () => {
  const schema = { kind: 'json_schema', name: 'n', schema: { type: 'object' } } as const;
  const object = { kind: 'json_object' } as const;
  it.each([
    [object, {}, null, object],
    [object, { jsonObject: false }, null, undefined],
    [object, {}, ['tools'], undefined],
    [object, {}, [], object],
    [schema, {}, ['json_schema'], schema],
    [schema, { jsonSchema: false }, ['json_schema', 'json_mode'], object],
    [schema, {}, ['json_mode'], object],
    [schema, {}, ['tools'], undefined],
    [schema, { jsonSchema: false, jsonObject: false }, null, undefined],
  ] as const)('%j by %j to a model that can do %j is sent as %j', (...[asked, means, capabilities, sent]) => {
    const known = capabilities === null ? null : traits({ capabilities });
    const { request, adjustments } = fit({ responseFormat: asked, traits: known }, means);
    expect(request.responseFormat).toEqual(sent);
    expect(adjustments).toHaveLength(sent === asked ? 0 : 1);
  });
});
