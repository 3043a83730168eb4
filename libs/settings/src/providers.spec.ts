import { ConfigFolder, providerBlock } from './config-folder.fixtures';
import { ProviderSettings, Settings } from './settings';

let folder: ConfigFolder;

beforeEach(() => (folder = new ConfigFolder()));
afterEach(() => folder.remove());

const provider = (settings: Settings, name: string): ProviderSettings =>
  settings.providers.find((entry) => entry.name === name)!;

describe('a [[provider]] block', () => {
  it('needs a name and a base URL, and has a value for everything else', () => {
    folder.write('providers.toml', providerBlock('acme'));
    expect(provider(folder.load(), 'acme')).toEqual({
      name: 'acme',
      dialect: 'openai_compatible',
      baseUrl: 'https://acme.example/v1',
      auth: 'bearer',
      keyVariables: ['ACME_API_KEY'],
      key: null,
      keySource: null,
      headers: {},
      defaultModel: null,
      prefixes: ['acme'],
      family: null,
      connectMs: 10_000,
      firstTokenMs: 120_000,
      idleMs: 120_000,
      totalMs: 600_000,
      retryAttempts: 1,
      retryBackoffMs: 1000,
      maxInflight: 10,
      limits: { requestsPerMinute: null, tokensPerMinute: null, tokensPerDay: null },
      explicitOnly: false,
      acceptUnlistedModels: false,
      hosted: false,
      keepAliveS: null,
      priority: 100,
      fallbackOrder: [],
      allowedModels: null,
      preferredModels: [],
      speedModel: null,
      qualityModel: null,
      allowExpensiveFallback: null,
      description: '',
    });
  });

  it('says everything itself when it wants to', () => {
    folder.write(
      'providers.toml',
      providerBlock(
        'acme',
        'auth = "x_api_key"',
        'auth_env = ["ONE_KEY", "TWO_KEY"]',
        'default_model = "m"',
        'fallback_order = ["acme/n"]',
        'prefix = ["ac", "me"]',
        'family = "makers"',
        'timeout_s = 90.5',
        'first_token_timeout_s = 30',
        'idle_timeout_s = 20',
        'retry_attempts = 3',
        'retry_backoff_s = 0.25',
        'max_inflight = 0',
        'requests_per_minute = 60',
        'tokens_per_minute = 90000',
        'tokens_per_day = 3000000000',
        'explicit_only = true',
        'accept_unlisted_models = true',
        'priority = 5',
        'speed_model = "s"',
        'quality_model = "q"',
        'preferred_models = ["p", "q"]',
        'allowed_models = ["p", "q", "s"]',
        'allow_expensive_thinking_fallback = true',
        'description = "Why"',
      ),
    );
    expect(provider(folder.load(), 'acme')).toMatchObject({
      auth: 'x_api_key',
      keyVariables: ['ONE_KEY', 'TWO_KEY'],
      defaultModel: 'm',
      fallbackOrder: ['acme/n'],
      prefixes: ['acme', 'ac', 'me'],
      family: 'makers',
      totalMs: 90_500,
      firstTokenMs: 30_000,
      idleMs: 20_000,
      ...{ retryAttempts: 3, retryBackoffMs: 250 },
      maxInflight: 0,
      limits: { requestsPerMinute: 60, tokensPerMinute: 90_000, tokensPerDay: 3_000_000_000 },
      explicitOnly: true,
      acceptUnlistedModels: true,
      priority: 5,
      speedModel: 's',
      qualityModel: 'q',
      preferredModels: ['p', 'q'],
      allowedModels: ['p', 'q', 's'],
      allowExpensiveFallback: true,
      description: 'Why',
    });
  });

  it('is beaten by the variables of its name', () => {
    folder.write(
      'providers.toml',
      providerBlock(
        'acme',
        'timeout_s = 90',
        'max_inflight = 3',
        'tokens_per_day = 5',
        'default_model = "m"',
      ),
    );
    const settings = folder.load({
      ACME_BASE_URL: 'http://127.0.0.1:9/v1/',
      ACME_TIMEOUT_SECS: '1.5',
      ACME_FIRST_TOKEN_TIMEOUT_SECS: '1',
      ACME_IDLE_TIMEOUT_SECS: '0.5',
      ACME_RETRY_ATTEMPTS: '0',
      ACME_RETRY_BACKOFF_SECS: '0.5',
      MAX_INFLIGHT_ACME: '0',
      ACME_REQUESTS_PER_MINUTE: '1',
      ACME_TOKENS_PER_DAY: '7',
      ACME_DEFAULT_MODEL: 'n',
      ACME_FALLBACK_ORDER: 'glm/a, b ,,c',
      ACME_FLASH_MODEL: 'older',
      ACME_QUALITY_MODEL: 'q',
      ACME_PREFERRED_MODELS: 'p,q',
      ACME_ALLOWED_MODELS: 'p',
      ACME_ALLOW_EXPENSIVE_THINKING_FALLBACK: 'no',
    });
    expect(provider(settings, 'acme')).toMatchObject({
      baseUrl: 'http://127.0.0.1:9/v1',
      totalMs: 1500,
      firstTokenMs: 1000,
      idleMs: 500,
      ...{ retryAttempts: 0, retryBackoffMs: 500 },
      maxInflight: 0,
      limits: { requestsPerMinute: 1, tokensPerMinute: null, tokensPerDay: 7 },
      defaultModel: 'n',
      fallbackOrder: ['glm/a', 'b', 'c'],
      speedModel: 'older',
      qualityModel: 'q',
      preferredModels: ['p', 'q'],
      allowedModels: ['p'],
      allowExpensiveFallback: false,
    });
    expect(
      provider(folder.load({ ACME_FLASH_MODEL: 'older', ACME_SPEED_MODEL: 'now' }), 'acme'),
    ).toMatchObject({
      speedModel: 'now',
    });
    expect(settings.origins['ACME_TIMEOUT_SECS']).toBe('environment');
  });

  it('keeps its own clocks when a variable without a prefix changes the built-in ones', () => {
    folder.write('providers.toml', providerBlock('own', 'timeout_s = 180') + providerBlock('other'));
    const settings = folder.load({
      TIMEOUT_SECS: '400',
      FIRST_TOKEN_TIMEOUT_SECS: '310',
      IDLE_TIMEOUT_SECS: '50',
      CONNECT_TIMEOUT_SECS: '2',
    });
    const inherited = { firstTokenMs: 310_000, idleMs: 50_000, connectMs: 2000 };
    expect(provider(settings, 'own')).toMatchObject({ totalMs: 180_000, ...inherited });
    expect(provider(settings, 'other')).toMatchObject({ totalMs: 400_000, ...inherited });
    expect(settings.origins).toMatchObject({ OWN_TIMEOUT_SECS: 'file', OTHER_TIMEOUT_SECS: 'environment' });
  });

  it('may leave the first token to the total clock, whatever that becomes', () => {
    folder.write('providers.toml', providerBlock('local', 'first_token_timeout_s = "total"'));
    expect(provider(folder.load({ LOCAL_TIMEOUT_SECS: '900' }), 'local').firstTokenMs).toBe(900_000);
  });

  it('of the dialect ollama says how long models stay loaded, and whether somebody else loads them', () => {
    const block = (...lines: string[]) => providerBlock('local', 'dialect = "ollama"', ...lines);
    folder.write('providers.toml', block('keep_alive = "10m"', 'hosted = true'));
    expect(provider(folder.load(), 'local')).toMatchObject({ keepAliveS: 600, hosted: true });
    expect(provider(folder.load({ LOCAL_KEEP_ALIVE: '-1' }), 'local').keepAliveS).toBe(-1);
    expect(folder.load({ LOCAL_KEEP_ALIVE: '0' }).origins['LOCAL_KEEP_ALIVE']).toBe('environment');
    folder.write('providers.toml', block('keep_alive = 0'));
    expect(provider(folder.load(), 'local')).toMatchObject({ keepAliveS: 0, hosted: false });
  });

  it('of the dialect anthropic gets the version at its base URL that other clients add by themselves, with a warning', () => {
    folder.write('providers.toml', providerBlock('acme', 'dialect = "anthropic"'));
    expect(folder.load().warnings).toEqual([]);
    for (const written of ['https://a.example', 'https://a.example/', 'https://a.example/anthropic']) {
      const settings = folder.load({ ACME_BASE_URL: written });
      const used = `${written.replace(/\/$/, '')}/v1`;
      expect(provider(settings, 'acme').baseUrl).toBe(used);
      expect(settings.warnings).toEqual([
        `ACME_BASE_URL of provider acme has no /v1 at its end, which the dialect anthropic needs there; ${used} is used. Write it so.`,
      ]);
    }
  });

  it('of the dialect ollama loses the path of another protocol at its base URL, with a warning', () => {
    folder.write('providers.toml', providerBlock('local', 'dialect = "ollama"'));
    const fromFile = folder.load();
    expect(provider(fromFile, 'local').baseUrl).toBe('https://local.example');
    expect(fromFile.warnings).toEqual([
      '"base_url" of provider local ends in /v1, which the dialect ollama does not have; https://local.example is used. Write it so.',
    ]);
    for (const path of ['/v1', '/v1/', '/api', '/proxy/v1']) {
      const settings = folder.load({ LOCAL_BASE_URL: `http://127.0.0.1:11434${path}` });
      const used = `http://127.0.0.1:11434${path.startsWith('/proxy') ? '/proxy' : ''}`;
      expect(provider(settings, 'local').baseUrl).toBe(used);
      expect(settings.warnings[0]).toContain('LOCAL_BASE_URL of provider local ends in /');
    }
    expect(folder.load({ LOCAL_BASE_URL: 'http://127.0.0.1:11434' }).warnings).toEqual([]);
    folder.write('providers.toml', providerBlock('acme'));
    expect(provider(folder.load(), 'acme').baseUrl).toBe('https://acme.example/v1');
  });

  it('of the dialect gemini loses the path of the compatible endpoint that its key was used at before', () => {
    folder.write('providers.toml', providerBlock('google', 'dialect = "gemini"'));
    const settings = folder.load({ GOOGLE_BASE_URL: 'https://google.example/v1beta/openai' });
    expect(provider(settings, 'google').baseUrl).toBe('https://google.example/v1beta');
    expect(settings.warnings[0]).toContain('ends in /openai, which the dialect gemini does not have');
  });

  it('takes any dialect that the caller of the loader knows, and every one where the caller names none', () => {
    folder.write('providers.toml', providerBlock('acme', 'dialect = "anthropic"'));
    for (const known of [{ knownDialects: ['anthropic'] }, {}])
      expect(folder.load({}, known).providers[0]?.dialect).toBe('anthropic');
  });
});
