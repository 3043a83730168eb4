import { LLMock } from '@copilotkit/aimock';
import { DIALECTS, HttpClient } from '@longhaul/providers';
import { providerSettings } from '../../libs/providers/src/scripted-upstream.fixtures';
import { answerOf, collect, failureOf } from './dialect.bench';

/** Where aimock, written by others, serves the protocol of each dialect. */
const PATHS: Readonly<Record<string, string>> = { openai_compatible: '/v1', anthropic: '/v1' };

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))(
  'the dialect %s against an independent implementation',
  (name, dialect) => {
    const mock = new LLMock({ port: 0 });
    const http = new HttpClient();

    beforeAll(async () => {
      mock.onMessage('greet', { content: 'Grüße, 世界 🌍' });
      mock.onMessage('limit', { error: { message: 'slow', type: 'rate_limit_error' }, status: 429 });
      await mock.start();
    });
    afterAll(async () => {
      await http.close();
      await mock.stop();
    });

    const ask = (content: string): ReturnType<typeof collect> => {
      const settings = providerSettings({ dialect: name, baseUrl: `${mock.url}${PATHS[name] ?? ''}` });
      const request = { model: 'gpt-4o-mini', messages: [{ role: 'user', content } as const] };
      return collect(dialect.create(settings, http).stream(request, new AbortController().signal));
    };

    it('reads its answer, with the usage that was asked for', async () => {
      const answer = answerOf(await ask('greet'));
      expect(answer).toMatchObject({ text: 'Grüße, 世界 🌍', finishReason: 'stop' });
      expect(answer['usage']).toMatchObject({ output: expect.any(Number) });
    });

    it('reads its refusal', async () => {
      expect(await failureOf(ask('limit'))).toMatchObject({
        code: 'rate_limited',
        detail: { upstreamStatus: 429 },
      });
    });
  },
);
