import { openAiCompatibleDialect } from './dialects/openai-compatible.dialect';
import { HttpClient } from './http';
import { rowsOf } from './model-listing';
import { ModelLists } from './model-lists';
import { providerSettings, Script, ScriptedUpstream, startScripted } from './scripted-upstream.fixtures';

describe("a provider's own list of models", () => {
  let upstream: ScriptedUpstream;
  let http: HttpClient;
  let script: Script;
  beforeAll(async () => {
    upstream = await startScripted((response, request) => script(response, request));
    http = new HttpClient();
  });
  afterAll(async () => {
    await http.close();
    await upstream.close();
  });

  const listed = (status: number, body: string): Promise<readonly string[] | null> => {
    script = (response) => {
      response.writeHead(status);
      response.end(body);
    };
    return new ModelLists(http).of(providerSettings({ baseUrl: upstream.url }), 5_000);
  };

  it('is asked for below the base URL with the key, and no model runs', async () => {
    expect(await listed(200, '{"data":[{"id":"m-1"},{"id":"m-2"}]}')).toEqual(['m-1', 'm-2']);
    expect(upstream.requests.at(-1)).toMatchObject({ method: 'GET', url: '/v1/models', body: '' });
    expect(upstream.requests.at(-1)?.headers.authorization).toMatch(/^Bearer /);
  });

  it('leaves out what is no id', async () => {
    const rows = [{ id: '' }, { id: 7 }, null, 'm', {}, { id: 'x'.repeat(201) }, { id: 'good' }];
    expect(await listed(200, JSON.stringify({ data: rows }))).toEqual(['good']);
  });

  it.each(['', 'prose', 'null', '[]', '{}', '{"data":{}}', '{"data":null}'])(
    'is null, not empty, for a body like %p',
    async (body) => {
      expect(await listed(200, body)).toBeNull();
    },
  );

  it('is null for a provider that answers without it', async () => {
    expect(await listed(404, '{"data":[{"id":"m-1"}]}')).toBeNull();
    expect(await listed(200, JSON.stringify({ data: [], filler: 'x'.repeat(4_000_001) }))).toBeNull();
  });

  it('rejects when nobody is there', async () => {
    const gone = providerSettings({ baseUrl: 'http://127.0.0.1:1/v1' });
    await expect(new ModelLists(http).of(gone, 5_000)).rejects.toThrow();
  });

  it('is asked for and read as the dialect has it', async () => {
    script = (response) => {
      response.end('{"models":[{"name":"m-3"}]}');
    };
    const models = {
      path: '/api/tags',
      headers: { 'x-of-the-dialect': '1' },
      read: rowsOf('models', 'name'),
    };
    const dialect = { ...openAiCompatibleDialect, name: 'other', models };
    const settings = providerSettings({ dialect: 'other', baseUrl: upstream.url });
    expect(await new ModelLists(http, [dialect]).of(settings, 5_000)).toEqual(['m-3']);
    expect(upstream.requests.at(-1)).toMatchObject({
      url: '/v1/api/tags',
      headers: { 'x-of-the-dialect': '1' },
    });
  });
});
