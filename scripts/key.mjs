/** `npm run key -- --name ci --scopes jobs`: a new key on stdout, once; its hash in the file of callers. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { addKey, listKeys, removeKey } from './keys/keys-file.mjs';
import { SCOPES } from './keys/entry.mjs';
import { launcherEnvironment } from './launch/environment.mjs';
import { openDataDir, Refusal } from './system/files.mjs';

const USAGE = `Usage: npm run key -- --name <name> --scopes ${SCOPES.join(',')}   makes a key
       npm run key -- --list                        names and scopes
       npm run key -- --remove --name <name>        the key no longer holds
  --file   the file of callers, instead of LONGHAUL_API_KEYS_FILE or keys.json in the data directory
  --owner  as root: the uid under which the API runs and to which the file belongs, e.g. 1000 for the container`;

const OPTIONS = {
  name: { type: 'string' },
  scopes: { type: 'string' },
  file: { type: 'string' },
  owner: { type: 'string' },
  list: { type: 'boolean', default: false },
  remove: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

/** npm writes its own banner to stdout; \`npm run --silent key\` leaves it out, and the key stands alone there. */
const tell = (line) => process.stderr.write(`${line}\n`);

try {
  await main(readWords());
} catch (error) {
  tell(error instanceof Refusal ? error.message : error.stack);
  process.exitCode = 1;
}

async function main({ name, scopes, list, remove, ...words }) {
  const env = launcherEnvironment();
  const place = { file: fileOf(words, env), owner: ownerOf(words) };
  if (list) {
    const entries = listKeys(place);
    for (const entry of entries) process.stdout.write(`${entry.name}\t${entry.scopes.join(',')}\n`);
    if (entries.length === 0) tell(`There is no key in ${place.file}.`);
  } else if (remove) {
    await removeKey(place, name);
    tell(`The key of ${name} no longer stands in ${place.file}. ${whenItHolds(place.file, env)}`);
  } else {
    const key = await addKey(place, { name, scopes: scopes.split(',').map((scope) => scope.trim()) });
    process.stdout.write(`${key}\n`);
    tell(`This is the key of ${name} (${scopes}). It is shown once; ${place.file} keeps only its SHA-256.`);
    tell(whenItHolds(place.file, env));
  }
}

function readWords() {
  try {
    const { values } = parseArgs({ options: OPTIONS });
    if (values.help) {
      tell(USAGE);
      process.exit(0);
    }
    if (!values.list && !values.name) throw new Error('--name is missing.');
    if (!values.list && !values.remove && !values.scopes) throw new Error('--scopes is missing.');
    return values;
  } catch (error) {
    tell(`${error.message}\n${USAGE}`);
    return process.exit(2);
  }
}

function fileOf({ file }, env) {
  const stated = file ?? (env.LONGHAUL_API_KEYS_FILE?.trim() || null);
  // npm starts scripts in the checkout; a path is meant from where the person stands.
  if (stated !== null) return path.resolve(file ? (env.INIT_CWD ?? process.cwd()) : process.cwd(), stated);
  return path.join(openDataDir(env), 'keys.json');
}

function ownerOf({ owner }) {
  if (owner === undefined) return process.getuid?.() ?? null;
  if (!/^\d+$/.test(owner)) throw new Refusal(`--owner must be a uid, a whole number, not "${owner}".`);
  if (process.getuid?.() !== 0 && Number(owner) !== process.getuid?.()) {
    throw new Refusal('Only root can give a file to another user. Run this as root, or leave --owner out.');
  }
  return Number(owner);
}

function whenItHolds(file, env) {
  const stated = env.LONGHAUL_API_KEYS_FILE?.trim();
  return stated && path.resolve(stated) === file
    ? 'A running API knows of it within a second.'
    : `An API asks for keys when this is set for it:\nLONGHAUL_API_KEYS_FILE=${file}`;
}
