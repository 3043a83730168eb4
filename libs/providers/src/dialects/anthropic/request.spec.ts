import { HI, sent, TOOL, traits } from './request.fixtures';

describe('a request', () => {
  it('goes to /messages with the version, streams always, and says nothing that was not asked for', () => {
    expect(sent()).toEqual({
      path: '/messages',
      headers: { 'anthropic-version': '2023-06-01' },
      body: {
        model: 'm',
        max_tokens: 8_192,
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
        stream: true,
      },
      adjustments: [],
    });
  });

  it.each([
    [{ maxOutputTokens: 77, traits: traits({ maxOutputTokens: 64_000 }) }, 77],
    [{ traits: traits({ maxOutputTokens: 64_000 }) }, 64_000],
    [{ traits: traits() }, 8_192],
    [{ traits: null }, 8_192],
  ])('always has a limit of output: %#', (changes, limit) => {
    expect(sent(changes).body['max_tokens']).toBe(limit);
  });

  it('tells tools, each with a schema of an object', () => {
    const strict = { name: 'now', parameters: { type: 'object', properties: {} }, strict: true };
    expect(sent({ tools: [TOOL, strict] }).body['tools']).toEqual([
      {
        name: 'look',
        description: 'Looks.',
        input_schema: { type: 'object', properties: { at: { type: 'string' } } },
      },
      { name: 'now', input_schema: { type: 'object', properties: {} }, strict: true },
    ]);
  });

  it.each([
    [{ kind: 'auto' }, { type: 'auto' }],
    [{ kind: 'none' }, { type: 'none' }],
    [{ kind: 'required' }, { type: 'any' }],
    [
      { kind: 'named', name: 'look' },
      { type: 'tool', name: 'look' },
    ],
  ] as const)('says the tool choice %j as %j', (toolChoice, said) => {
    expect(sent({ tools: [TOOL], toolChoice })).toMatchObject({
      body: { tool_choice: said },
      adjustments: [],
    });
  });

  it('forces no tool on a model that the catalogue says to refuse it, and says so', () => {
    const { body, adjustments } = sent({
      tools: [TOOL],
      toolChoice: { kind: 'required' },
      traits: traits({ toolChoices: ['auto', 'none'] }),
    });
    expect(body).not.toHaveProperty('tool_choice');
    expect(adjustments).toEqual([expect.stringContaining('tool_choice required was left out')]);
  });

  it('promises a schema where the model can, and no free JSON', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const json = { kind: 'json_schema', name: 'answer', schema } as const;
    const format = { output_config: { format: { type: 'json_schema', schema } } };
    for (const known of [undefined, null, traits()])
      expect(sent({ responseFormat: json, ...(known === undefined ? {} : { traits: known }) })).toMatchObject(
        {
          body: format,
          adjustments: [],
        },
      );
    const cannot = sent({ responseFormat: json, traits: traits({ capabilities: ['streaming'] }) });
    const free = sent({ responseFormat: { kind: 'json_object' } });
    for (const { body, adjustments } of [cannot, free]) {
      expect(body).not.toHaveProperty('output_config');
      expect(adjustments).toEqual([expect.stringMatching(/^response_format json_\w+ was left out/)]);
    }
  });

  it.each([
    [{ temperature: 0.5 }, { temperature: 0.5 }, 0],
    [{ temperature: 1.5 }, { temperature: 1 }, 1],
    [{ topP: 0.9 }, { top_p: 0.9 }, 0],
    [{ temperature: 0, topP: 0.9 }, { temperature: 0 }, 1],
    [{ temperature: 0.5, topP: 0.9, traits: traits({ temperature: { kind: 'omit' } }) }, {}, 2],
    [{ temperature: 0.5, topP: 0.9, reasoningEffort: 'high' }, {}, 2],
    [{ temperature: 0.5, reasoningEffort: 'none' }, { temperature: 0.5 }, 0],
  ] as const)('samples %# as the model takes it, and says what it leaves out', (changes, sampling, notes) => {
    const { body, adjustments } = sent(changes);
    const { temperature, top_p: topP } = body;
    expect(JSON.parse(JSON.stringify({ temperature, top_p: topP }))).toEqual(sampling);
    expect(adjustments).toHaveLength(notes);
  });

  it('stops where it is told, but for white space, which the API refuses', () => {
    expect(sent({ stop: ['END'] })).toMatchObject({ body: { stop_sequences: ['END'] }, adjustments: [] });
    const { body, adjustments } = sent({ stop: ['\n\n', 'END'] });
    expect(body['stop_sequences']).toEqual(['END']);
    expect(adjustments).toEqual([expect.stringContaining('stop sequence')]);
    expect(sent({ stop: [' '] }).body).not.toHaveProperty('stop_sequences');
  });

  it('writes no cache that nobody reads', () => {
    expect(JSON.stringify(sent({ messages: [{ role: 'system', content: 'Be brief.' }, HI] }))).not.toContain(
      'cache_control',
    );
  });
});
