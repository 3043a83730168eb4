import { ErrorCode } from '@longhaul/contract';
import { docsOf } from '@longhaul/settings';
import { SYSTEM_TIMERS } from './clocks';
import { LiveCall } from './live-call';
import { refusalOf } from './refusal';
import { providerSettings } from './scripted-upstream.fixtures';

function messageOf(provider: string, code: ErrorCode, remedy?: string): string {
  const settings = providerSettings({ name: provider, keyVariables: ['GLM_API_KEY'] });
  const signal = new AbortController().signal;
  const call = new LiveCall({ settings, model: 'm', clocks: settings, signal, timers: SYSTEM_TIMERS });
  call.clocks.stop();
  const change = remedy === undefined ? {} : { remedy };
  return refusalOf(call, { settings, code, words: ['1113'], ...change }).message;
}

describe('what a caller reads of a refusal', () => {
  it('says what a person can do, and where the vendor tells more of it', () => {
    expect(messageOf('glm', 'quota_exhausted')).toBe(
      'glm/m has no credit or quota left for this key (1113). ' +
        "Top up, wait for the plan's reset, or use another key in GLM_API_KEY. " +
        'See https://docs.z.ai/api-reference/api-code.',
    );
    expect(messageOf('glm', 'auth_failed', 'Use {key}.')).toMatch(/Use GLM_API_KEY\. See https:/);
  });

  it.each(['client_not_allowed', 'account_terminated', 'model_unavailable'] as const)(
    'names the page for %s',
    (code) => {
      expect(messageOf('kimi', code)).toContain(` See ${docsOf('kimi') ?? 'nowhere'}.`);
    },
  );

  it('names no page for what passes by itself, or of a provider that we know none of', () => {
    expect(messageOf('glm', 'overloaded')).not.toContain('See');
    expect(messageOf('acme', 'auth_failed')).not.toContain('See');
    expect(messageOf('constructor', 'auth_failed')).not.toContain('See');
  });
});
