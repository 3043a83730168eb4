import { ConfigFolder, providerBlock } from './config-folder.fixtures';

let folder: ConfigFolder;

beforeEach(() => (folder = new ConfigFolder()));
afterEach(() => folder.remove());

const headersOf = (line: string) => {
  folder.write('providers.toml', providerBlock('acme', line));
  const { providers, warnings } = folder.load();
  return { headers: providers[0]?.headers, warnings };
};

describe('headers of the operator’s own', () => {
  it('are none unless the block has some', () => {
    expect(headersOf('priority = 1')).toEqual({ headers: {}, warnings: [] });
  });

  it('are taken in lower case, and the boot log names them without their values', () => {
    const { headers, warnings } = headersOf(
      'headers = { "HTTP-Referer" = "https://a.example", X-Title = "A b" }',
    );
    expect(headers).toEqual({ 'http-referer': 'https://a.example', 'x-title': 'A b' });
    expect(warnings).toEqual([
      'Provider acme gets headers of your own with every call: http-referer, x-title. ' +
        'Check that its terms allow this client: some providers end accounts for it.',
    ]);
  });

  it('are shown by their names alone, whatever they hold', () => {
    folder.write('providers.toml', providerBlock('acme', 'headers = { X-Team-Pass = "canary-5f3e9a17c0" }'));
    const { effective, warnings } = folder.load();
    expect(effective.find(({ name }) => name === 'headers.acme')).toEqual({
      ...{
        name: 'headers.acme',
        value: ['x-team-pass'],
        origin: 'file',
        place: 'providers.toml:4',
        live: false,
      },
    });
    expect(JSON.stringify([effective, warnings])).not.toContain('canary');
  });

  it('may name another client, which the boot log says in so many words', () => {
    const { headers, warnings } = headersOf('headers = { user-agent = "mine/1.0" }');
    expect(headers).toEqual({ 'user-agent': 'mine/1.0' });
    expect(warnings[0]).toContain('Its User-Agent is no longer that of Longhaul.');
  });

  it.each([
    ['{ Authorization = "x" }', 'sets the header authorization, which is not for a file to set'],
    ['{ x-api-key = "x" }', 'sets the header x-api-key'],
    ['{ Host = "x" }', 'sets the header host'],
    ['{ content-length = "1" }', 'sets the header content-length'],
    ['{ "a b" = "x" }', 'a header name of letters, digits and hyphens'],
    ['{ x = "a\\nb" }', 'one line of printable ASCII'],
    ['{ x = "" }', 'one line of printable ASCII'],
    ['{ x = " a" }', 'one line of printable ASCII'],
    ['{ x = "ü" }', 'one line of printable ASCII'],
    ['{ x = 1 }', 'a string in quotes'],
    ['{ x = "sk-0123456789abcdefghij" }', 'holds what looks like a key'],
    ['"x: y"', 'a table such as'],
  ])('stop the boot as %s', (headers, sentence) => {
    folder.write('providers.toml', providerBlock('acme', `headers = ${headers}`));
    const { message } = folder.refusal();
    expect(message).toMatch(/^providers\.toml:4: /);
    expect(message).toContain(sentence);
  });
});
