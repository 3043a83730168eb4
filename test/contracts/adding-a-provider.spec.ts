import { appendFileSync, cpSync } from 'node:fs';
import { join } from 'node:path';
import * as contract from '@longhaul/contract';
import { Dialect, DIALECT_NAMES, HttpClient, ProviderCatalogue } from '@longhaul/providers';
import { loadSettings, Settings } from '@longhaul/settings';
import * as errorRows from '../../libs/providers/src/error-rows';
import * as fittedRequest from '../../libs/providers/src/fitted-request';
import * as httpProvider from '../../libs/providers/src/http-provider';
import * as json from '../../libs/providers/src/json';
import * as refusal from '../../libs/providers/src/refusal';
import {
  providerSettings,
  Script,
  ScriptedUpstream,
  startScripted,
} from '../../libs/providers/src/scripted-upstream.fixtures';
import * as wholeText from '../../libs/providers/src/whole-text';
import { printedBlocks, runPrinted } from '../support/printed-code';
import { ROOT, scratchDirectory } from '../support/scratch';
import { answerOf, collect, failureOf, never, REQUEST } from './dialect.bench';

const PAGE = 'adding-a-provider.md';

let upstream: ScriptedUpstream;
let script: Script;
const http = new HttpClient();

beforeAll(async () => {
  upstream = await startScripted((response, request) => script(response, request));
});
afterAll(async () => {
  await http.close();
  await upstream.close();
});

/** The configuration that ships, with what the page prints at the end of its files. */
function settingsOfThePage(): Settings {
  const configDir = scratchDirectory('config');
  cpSync(join(ROOT, 'config'), configDir, { recursive: true });
  const [provider = '', model = ''] = printedBlocks(PAGE, 'toml');
  appendFileSync(join(configDir, 'providers.toml'), `\n${provider}`);
  appendFileSync(join(configDir, 'models.toml'), `\n${model}`);
  const env = { ACME_API_KEY: 'acme-key-1', ACME_BASE_URL: upstream.url };
  return loadSettings({ env, configDir, knownDialects: DIALECT_NAMES });
}

describe('the provider of docs/adding-a-provider.md', () => {
  it('is configured as printed, and is called', async () => {
    const settings = settingsOfThePage();
    expect(settings.providers.find(({ name }) => name === 'acme')).toMatchObject({
      maxInflight: 4,
      totalMs: 300_000,
    });
    expect(settings.models.find(({ id }) => id === 'acme-large')).toMatchObject({
      provider: 'acme',
      toolChoices: ['auto', 'none'],
    });
    script = (response) =>
      void response.end('{"choices":[{"message":{"content":"Hi"},"finish_reason":"stop"}]}');
    const provider = new ProviderCatalogue(settings, http).get('acme');
    expect(answerOf(await collect(provider.stream(REQUEST, never)))).toMatchObject({ text: 'Hi' });
    expect(upstream.requests.at(-1)?.headers.authorization).toBe('Bearer acme-key-1');
  });
});

describe('the dialect of docs/adding-a-provider.md', () => {
  const [source = ''] = printedBlocks(PAGE, 'ts');
  const { talkDialect } = runPrinted(source, {
    '@longhaul/contract': contract,
    '../error-rows': errorRows,
    '../fitted-request': fittedRequest,
    '../http-provider': httpProvider,
    '../json': json,
    '../refusal': refusal,
    '../whole-text': wholeText,
  }) as { talkDialect: Dialect };
  const ask = () => {
    const provider = talkDialect.create(providerSettings({ baseUrl: upstream.url }), http);
    return collect(provider.stream({ ...REQUEST, temperature: 1 }, never));
  };

  it('asks and answers as printed, and says what it left out', async () => {
    script = (response) => void response.end('{"text":"Hi","tokens":{"in":3,"out":1}}');
    expect(answerOf(await ask())).toMatchObject({
      text: 'Hi',
      usage: { freshInput: 3, output: 1 },
      adjusted: [expect.stringContaining('temperature 1 was left out')],
    });
    expect(JSON.parse(upstream.requests.at(-1)?.body ?? '')).toEqual({
      model: 'm-1',
      prompt: `user: ${REQUEST.messages[0]?.content as string}`,
    });
  });

  it.each([
    [200, '{"text":""}', 'empty_output'],
    [200, '{"tex', 'malformed_response'],
    [500, '{"fault":"busy"}', 'overloaded'],
    [400, '{"fault":"no_credit"}', 'quota_exhausted'],
    [401, '', 'auth_failed'],
    [418, 'tea', 'rejected_request'],
  ])('takes %i %s for %s', async (status, body, code) => {
    script = (response) => void response.writeHead(status).end(body);
    expect((await failureOf(ask())).code).toBe(code);
  });
});
