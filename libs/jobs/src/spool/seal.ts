import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

/** What was written, or why it cannot be had. */
export type Unsealed = { readonly json: string } | { readonly fault: 'unknown_key' | 'broken' };

interface Key {
  readonly id: string;
  readonly bytes: Buffer;
}

const VERSION = 'v1';
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_ID_DIGITS = 8;
const SEALED = /^v1\.(?<keyId>[0-9a-f]{8})\.(?<sealed>[A-Za-z0-9+/]+={0,2})$/;

/** Tells which key it is, and nothing else of it. */
const idOf = (key: Buffer): string =>
  createHmac('sha256', key).update('longhaul spool key id').digest('hex').slice(0, KEY_ID_DIGITS);

/**
 * The body of a line in the spool: as it is, or under AES-256-GCM as `v1.<key id>.<nonce, text, tag>`. The head of its
 * line (job, fence, time) and the version are part of what the tag vouches for, so a body that was put behind another
 * head does not open. A nonce is 96 random bits: one key is good for 2^32 answers (NIST SP 800-38D, 8.3).
 *
 * JSON begins with a brace, a sealed body never does: what was written before there was a key stays readable.
 */
export class Seal {
  private readonly keys: readonly Key[];

  /** @param keys of 32 bytes: the first seals, each of them opens; none = bodies stay as they are */
  constructor(keys: readonly Buffer[]) {
    this.keys = keys.map((bytes) => ({ id: idOf(bytes), bytes }));
  }

  close(head: string, json: string): string {
    const [key] = this.keys;
    if (key === undefined) return json;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, key.bytes, nonce).setAAD(vouched(head, key.id));
    const text = Buffer.concat([cipher.update(json, 'utf8'), cipher.final()]);
    const sealed = Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64');
    return `${VERSION}.${key.id}.${sealed}`;
  }

  open(head: string, body: string): Unsealed {
    if (body.startsWith('{')) return { json: body };
    const { keyId = '', sealed = '' } = SEALED.exec(body)?.groups ?? {};
    const bytes = Buffer.from(sealed, 'base64');
    // Base64 has spare bits: only the one spelling that is written here is taken.
    if (bytes.length < NONCE_BYTES + TAG_BYTES || bytes.toString('base64') !== sealed)
      return { fault: 'broken' };
    const key = this.keys.find(({ id }) => id === keyId);
    return key === undefined ? { fault: 'unknown_key' } : decipher(bytes, key, vouched(head, keyId));
  }
}

const vouched = (head: string, keyId: string): Buffer =>
  Buffer.from(`longhaul spool ${VERSION} ${keyId} ${head}`);

function decipher(bytes: Buffer, key: Key, head: Buffer): Unsealed {
  const nonce = bytes.subarray(0, NONCE_BYTES);
  const text = bytes.subarray(NONCE_BYTES, bytes.length - TAG_BYTES);
  const cipher = createDecipheriv(CIPHER, key.bytes, nonce, { authTagLength: TAG_BYTES })
    .setAAD(head)
    .setAuthTag(bytes.subarray(bytes.length - TAG_BYTES));
  try {
    return { json: Buffer.concat([cipher.update(text), cipher.final()]).toString() };
  } catch {
    return { fault: 'broken' };
  }
}
