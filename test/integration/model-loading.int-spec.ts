import { DocumentedApi, openDocumentedApi } from '../support/documented-api';

// Real stores and a scripted upstream.
jest.setTimeout(60_000);

let api: DocumentedApi;

beforeAll(async () => {
  api = await openDocumentedApi();
});
afterEach(() => api.upstream.reset());
afterAll(() => api.close());

const body = { model: 'qwen3.5:latest' };
const statusOf = async (...asked: Parameters<DocumentedApi['ask']>): Promise<number> =>
  (await api.ask(...asked)).status;

describe.each([
  ['load', true],
  ['unload', false],
] as const)('a model that is to %s', (verb, loaded) => {
  const path = `/v1/providers/ollama/${verb}`;

  it('is named back when the server has done it', async () => {
    api.upstream.script({ match: { path: '/api/generate' }, replies: [{ body: { done: true } }] });
    const answer = await api.ask('POST', path, { body });
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      200,
      { object: 'provider.model', provider: 'ollama', ...body, loaded },
    ]);
  });

  it('is refused where nobody can be told so, and without a name, a body, a provider or the scope', async () => {
    expect(await statusOf('POST', `/v1/providers/sandbox/${verb}`, { body })).toBe(422);
    expect(await statusOf('POST', path, { body: { model: '' } })).toBe(422);
    expect(await statusOf('POST', path)).toBe(400);
    for (const sent of [{ body }, {}])
      expect(await statusOf('POST', `/v1/providers/nobody/${verb}`, sent)).toBe(404);
    expect(await statusOf('POST', path, { body, key: 'jobs' })).toBe(403);
  });

  it('is the provider’s failure where the server does not have it', async () => {
    api.upstream.script({
      match: { path: '/api/generate' },
      replies: [{ status: 404, body: { error: 'model not found' } }],
    });
    const { status, text } = await api.ask('POST', path, { body });
    expect([status, JSON.parse(text)]).toEqual([502, expect.objectContaining({ code: 'model_unavailable' })]);
  });
});
