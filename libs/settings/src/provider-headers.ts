import { TableReader } from './table-reader';

/** Longhaul sets these itself, or they would carry a key or change what the bytes mean. */
const NOT_TAKEN: ReadonlySet<string> = new Set([
  ...['accept', 'accept-encoding', 'anthropic-version', 'connection', 'content-encoding', 'content-length'],
  ...['content-type', 'expect', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['authorization', 'cookie', 'proxy-authorization', 'x-api-key', 'x-goog-api-key'],
]);
const NAME = /^[a-z0-9][a-z0-9-]{0,63}$/;
/** What a header can carry on one line (RFC 9110 §5.5, without obs-text). */
const VALUE = /^[\x21-\x7e]([\x20-\x7e]{0,510}[\x21-\x7e])?$/;

/** `headers = { … }` of a block: what the operator wants sent with every call, names in lower case. */
export function readHeaders(block: TableReader, provider: string): Readonly<Record<string, string>> {
  const table = block.below('headers');
  if (table === null) return {};
  return Object.fromEntries(
    table.keys().map((name) => [name.toLowerCase(), readHeader(table, name, provider)]),
  );
}

function readHeader(table: TableReader, name: string, provider: string): string {
  const folded = name.toLowerCase();
  if (NOT_TAKEN.has(folded)) {
    return table.fail(
      name,
      `provider "${provider}" sets the header ${folded}, which is not for a file to set`,
      'Delete it; keys go into variables (auth_env), the rest Longhaul sets itself',
    );
  }
  if (!NAME.test(folded)) return table.failType(name, 'a header name of letters, digits and hyphens');
  const value = table.string(name) ?? '';
  return VALUE.test(value)
    ? value
    : table.failType(name, 'one line of printable ASCII, 512 characters at most');
}

/** For the boot log: nobody should be surprised by what goes out under his name. Values stay out of it. */
export function headersNote(provider: string, headers: Readonly<Record<string, string>>): string | null {
  const names = Object.keys(headers);
  if (names.length === 0) return null;
  const other = 'user-agent' in headers ? ' Its User-Agent is no longer that of Longhaul.' : '';
  return (
    `Provider ${provider} gets headers of your own with every call: ${names.join(', ')}.${other} ` +
    `Check that its terms allow this client: some providers end accounts for it.`
  );
}
