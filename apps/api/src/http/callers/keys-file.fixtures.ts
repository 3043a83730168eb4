const HASH = 'a'.repeat(64);

/** An entry of a file of callers as it should be. */
export const GOOD_KEY = { name: 'ci', sha256: HASH, scopes: ['jobs'] };

const ci = GOOD_KEY;

/** Files of callers with one fault each: [what is wrong, the content, words of the refusal]. Nothing that reads such files may take one. */
export const BAD_KEYS_FILES: readonly (readonly [string, unknown, string])[] = [
  ['broken JSON', '{"keys": [', 'not valid JSON'],
  ['nothing in it', '', 'not valid JSON'],
  ['a bare null', null, 'no list of keys'],
  ['a bare list', [ci], 'no list of keys'],
  ['no key at all', { keys: [] }, 'no list of keys'],
  ['an unknown field beside keys', { keys: [ci], key: 1 }, 'no list of keys'],
  ['a key that is no object', { keys: [ci, null] }, 'keys[1] does not hold just'],
  ['a key in clear text', { keys: [{ ...ci, key: 'sk-clear' }] }, 'keys[0] does not hold just'],
  ['a digest that is none', { keys: [{ ...ci, sha256: 'sk-clear' }] }, 'keys[0] (ci) has no SHA-256'],
  ['a name with a line break', { keys: [{ ...ci, name: 'a\nb' }] }, 'keys[0] has no good name'],
  ['an unknown scope', { keys: [{ ...ci, scopes: ['jobs', 'root'] }] }, 'keys[0] (ci) has no good scopes'],
  ['no scope', { keys: [{ ...ci, scopes: [] }] }, 'keys[0] (ci) has no good scopes'],
  ['a name twice', { keys: [ci, { ...ci, sha256: 'c'.repeat(64) }] }, 'keys[1] repeats the name'],
  ['a digest twice', { keys: [ci, { ...ci, name: 'b' }] }, 'keys[1] repeats the sha256'],
  [
    'a digest twice, once in capitals',
    { keys: [ci, { ...ci, name: 'b', sha256: HASH.toUpperCase() }] },
    'keys[1] repeats the sha256',
  ],
];
