import { GatewayError } from '@longhaul/contract';
import { ProviderSettings } from '@longhaul/settings';
import { HttpClient } from './http';
import { ModelResidence } from './model-residence';
import {
  CANARY,
  providerSettings,
  Script,
  ScriptedUpstream,
  startScripted,
} from './scripted-upstream.fixtures';

describe('the residence of models', () => {
  let upstream: ScriptedUpstream;
  let http: HttpClient;
  let residence: ModelResidence;
  let script: Script;
  const never = new AbortController().signal;

  beforeAll(async () => {
    upstream = await startScripted((response, request) => script(response, request));
    http = new HttpClient();
    residence = new ModelResidence(http);
  });
  afterAll(async () => {
    await http.close();
    await upstream.close();
  });

  const local = (changes: Partial<ProviderSettings> = {}): ProviderSettings =>
    providerSettings({ name: 'ollama', dialect: 'ollama', baseUrl: upstream.url, ...changes });
  const answers = (status: number, body: unknown): void => {
    script = (response) => {
      response.writeHead(status);
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    };
  };
  const failureOf = async (work: Promise<void>): Promise<GatewayError> => {
    const thrown: unknown = await work.then(
      () => null,
      (error: unknown) => error,
    );
    if (thrown instanceof GatewayError) return thrown;
    throw new Error(`no GatewayError: ${String(thrown)}`);
  };
  const lastBody = (): unknown => JSON.parse(upstream.requests.at(-1)?.body ?? '');

  it('loads a model without a prompt, for as long as the provider keeps it', async () => {
    answers(200, { model: 'm', response: '', done: true, done_reason: 'load' });
    await residence.load(local(), 'm', never);
    expect(upstream.requests.at(-1)).toMatchObject({ method: 'POST', url: '/v1/api/generate' });
    const bare = { model: 'm', stream: false, shift: false, options: { num_ctx: 4096 } };
    expect(lastBody()).toEqual(bare);
    await residence.load(local({ keepAliveS: -1 }), 'm', never);
    expect(lastBody()).toEqual({ ...bare, keep_alive: -1 });
  });

  it('unloads a model by keeping it for no time', async () => {
    answers(200, { model: 'm', response: '', done: true, done_reason: 'unload' });
    await residence.unload(local({ keepAliveS: 600 }), 'm', never);
    expect(lastBody()).toEqual({ model: 'm', stream: false, keep_alive: 0 });
  });

  it('fails as a call would, with what to do next, and keeps the key to itself', async () => {
    answers(404, { error: `model 'm' not found ${CANARY}` });
    const missing = await failureOf(residence.load(local(), 'm', never));
    expect(missing.code).toBe('model_unavailable');
    expect(missing.message).toContain('`ollama pull m`');
    expect(missing.message).not.toContain(CANARY);
    answers(500, { error: 'model requires more system memory (48 GiB) than is available (12 GiB)' });
    const large = await failureOf(residence.load(local(), 'm', never));
    expect([large.code, large.message]).toEqual(['upstream_error', expect.stringContaining('out_of_memory')]);
    answers(503, { error: 'server busy' });
    expect((await failureOf(residence.unload(local(), 'm', never))).code).toBe('overloaded');
    answers(200, { error: 'unexpected' });
    expect((await failureOf(residence.load(local(), 'm', never))).code).toBe('upstream_error');
  });

  it.each(['', '<html>', '{"done":false}', '{"done":"true"}', '[]'])(
    'takes %p for no answer, whatever the status says',
    async (body) => {
      answers(200, body);
      expect((await failureOf(residence.load(local(), 'm', never))).code).toBe('malformed_response');
    },
  );

  it('tells when nobody is there, and gives up by the clocks of the provider or for its caller', async () => {
    const gone = local({ baseUrl: 'http://127.0.0.1:1' });
    expect((await failureOf(residence.load(gone, 'm', never))).code).toBe('network_error');
    script = () => undefined;
    expect((await failureOf(residence.load(local({ totalMs: 60 }), 'm', never))).code).toBe('timeout');
    const caller = new AbortController();
    const before = upstream.requests.length;
    const work = residence.load(local(), 'm', caller.signal).catch((thrown: unknown) => thrown);
    await upstream.arrived(before + 1);
    caller.abort('enough');
    expect(await work).toBe('enough');
  });

  it('leaves those alone that load by themselves', async () => {
    const before = upstream.requests.length;
    for (const changes of [{ hosted: true }, { dialect: 'openai_compatible' }]) {
      const failure = await failureOf(residence.unload(local(changes), 'm', never));
      expect([failure.code, failure.message]).toEqual(['invalid_request', expect.stringContaining('ollama')]);
      expect(residence.manages(local(changes))).toBe(false);
    }
    expect(residence.manages(local())).toBe(true);
    expect(upstream.requests).toHaveLength(before);
  });
});
