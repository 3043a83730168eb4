import { HttpClient } from '../http';
import { ModelLists } from '../model-lists';
import { CANARY, providerSettings, ScriptedUpstream, startScripted } from '../scripted-upstream.fixtures';
import { geminiDialect } from './gemini.dialect';

describe('the dialect gemini', () => {
  let upstream: ScriptedUpstream;
  let http: HttpClient;
  beforeAll(async () => {
    upstream = await startScripted((response, { method }) => {
      const piece = '{"candidates":[{"content":{"parts":[{"text":"Hi"}]},"finishReason":"STOP"}]}';
      const list = '{"models":[{"name":"models/gemini-3.8-flash"},{"name":"gemini-x"},{"name":7}]}';
      response.end(method === 'GET' ? list : piece);
    });
    http = new HttpClient();
  });
  afterAll(async () => {
    await http.close();
    await upstream.close();
  });

  it.each([
    ['x_goog_api_key', CANARY, ''],
    ['api_key_query', undefined, `&key=${CANARY}`],
  ] as const)('sends its key by %s, with its own parameters beside it', async (auth, header, query) => {
    const settings = providerSettings({ dialect: 'gemini', baseUrl: upstream.url, auth });
    const request = { model: 'gemini-3.8-flash', messages: [{ role: 'user', content: 'Hi' } as const] };
    const signal = new AbortController().signal;
    for await (const { type } of geminiDialect.create(settings, http).stream(request, signal)) void type;
    await new ModelLists(http, [geminiDialect]).of(settings, 5_000);
    const seen = upstream.requests.slice(-2).map(({ url, headers }) => [url, headers['x-goog-api-key']]);
    expect(seen).toEqual([
      [`/v1/models/gemini-3.8-flash:streamGenerateContent?alt=sse${query}`, header],
      [`/v1/models?pageSize=1000${query}`, header],
    ]);
  });

  it('lists its models by the ids that it is called with', async () => {
    const settings = providerSettings({ dialect: 'gemini', baseUrl: upstream.url });
    const ids = await new ModelLists(http, [geminiDialect]).of(settings, 5_000);
    expect(ids).toEqual(['gemini-3.8-flash', 'gemini-x']);
  });
});
