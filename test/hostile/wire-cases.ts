import { deflateSync, gzipSync, brotliCompressSync } from 'node:zlib';
import { chunked, END, ended, fails, headOf, HostileCase, RESET, SAME, send, Step } from './case';

const MEGABYTE = 'x'.repeat(1024 * 1024);
const UNHEARD = fails('network_error');
const UNREADABLE = fails('malformed_response');
const CUT = fails('stream_truncated', 'malformed_response');

const lasting = (title: string, steps: readonly Step[]): HostileCase => ({
  ...{ title, steps },
  must: fails('timeout'),
  clock: 'firstToken',
});

/** Replies that are bad HTTP, or good HTTP around nothing; the same for every protocol. */
export function wireCases(good: Buffer): HostileCase[] {
  return [
    ...connections(),
    ...otherProtocols(),
    ...heads(good),
    ...statusLines(good),
    ...statuses(good),
    ...framings(good),
    ...chunkings(good),
    ...encodings(good),
  ];
}

const connections = (): HostileCase[] => [
  ended('closes without a word', UNHEARD, END),
  ended('resets without a word', UNHEARD, RESET),
  lasting('says nothing for ever', []),
  lasting('stops in the middle of the status line', [send('HTTP/1.1 2')]),
  lasting('stops in the middle of a header', [send('HTTP/1.1 200 OK\r\ncontent-ty')]),
  lasting('stops after the headers', [send(headOf())]),
  // Nobody asked whether to continue, so the HTTP client hangs up.
  ended('says 100 Continue for ever', UNHEARD, {
    beat: Buffer.from('HTTP/1.1 100 Continue\r\n\r\n').toString('base64'),
    everyMs: 20,
  }),
  lasting('says 102 Processing for ever', [
    { beat: Buffer.from('HTTP/1.1 102 Processing\r\n\r\n').toString('base64'), everyMs: 20 },
  ]),
  lasting('sends its head byte by byte and then nothing', [
    { bytewise: Buffer.from(headOf()).toString('base64') },
  ]),
  ended('resets after half of the headers', UNHEARD, send('HTTP/1.1 200 OK\r\nx: '), RESET),
  ended(
    'closes after half of the status line',
    fails('network_error', 'malformed_response'),
    send('HTTP/1.'),
    END,
  ),
];

const otherProtocols = (): HostileCase[] => [
  ended('is a TLS server', UNREADABLE, send(Buffer.from([0x15, 3, 3, 0, 2, 2, 40])), END),
  ended('is an SSH server', UNREADABLE, send('SSH-2.0-OpenSSH_9.2\r\n'), END),
  ended('is an SMTP server', UNREADABLE, send('220 mail ESMTP ready\r\n'), END),
  ended('answers with noise', UNREADABLE, send(Buffer.alloc(4096, 0xff)), END),
  ended('answers with zeros', UNREADABLE, send(Buffer.alloc(4096)), END),
  ended('answers as HTTP/0.9', UNREADABLE, send('<html>hello</html>'), END),
  ended('answers as HTTP/2', UNREADABLE, send('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), END),
];

const heads = (good: Buffer): HostileCase[] => [
  ended(
    'has headers without end',
    UNREADABLE,
    send('HTTP/1.1 200 OK\r\n'),
    send(`x-filler: ${'y'.repeat(8000)}\r\n`, 10_000),
  ),
  ended('has one header without end', UNREADABLE, send('HTTP/1.1 200 OK\r\nx-filler: '), send(MEGABYTE, 100)),
  ended(
    'has five thousand headers',
    UNREADABLE,
    send(`HTTP/1.1 200 OK\r\n${'x-y: z\r\n'.repeat(5_000)}\r\n`),
    send(good),
    END,
  ),
  ended('has a header with a NUL', UNREADABLE, send('HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n'), END),
];

const statusLines = (good: Buffer): HostileCase[] => [
  ended('has a header without a name', UNREADABLE, send('HTTP/1.1 200 OK\r\n: b\r\n\r\n'), END),
  ended(
    'has a folded header',
    fails('malformed_response'),
    send('HTTP/1.1 200 OK\r\nx: a\r\n b\r\nContent-Length: zz\r\n\r\n'),
    END,
  ),
  ended('has a status of four digits', UNREADABLE, send('HTTP/1.1 2000 OK\r\n\r\n'), END),
  ended('has a status of letters', UNREADABLE, send('HTTP/1.1 abc OK\r\n\r\n'), END),
  ended('has no status', UNREADABLE, send('HTTP/1.1\r\n\r\n'), END),
  ended(
    'has a reason of a megabyte',
    fails('malformed_response'),
    send(`HTTP/1.1 200 ${MEGABYTE}\r\n\r\n`),
    END,
  ),
  ended(
    'has a reason in Latin-1',
    SAME,
    send(Buffer.from('HTTP/1.1 200 Gr\xfc\xdfe\r\nconnection: close\r\n\r\n', 'latin1')),
    send(good),
    END,
  ),
  ended('has no reason', SAME, send('HTTP/1.1 200\r\nconnection: close\r\n\r\n'), send(good), END),
  ended(
    'switches protocols',
    fails('network_error', 'malformed_response'),
    send('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'),
    END,
  ),
];

const statuses = (good: Buffer): HostileCase[] => [
  ...[300, 301, 302, 303, 304, 307, 308].map((status) =>
    ended(
      `redirects with ${String(status)}`,
      UNREADABLE,
      send(headOf({ status, headers: ['location: http://127.0.0.1:1/elsewhere', 'content-length: 0'] })),
      END,
    ),
  ),
  ...[201, 202, 206, 299].map((status) =>
    ended(`answers well under ${String(status)}`, SAME, send(headOf({ status })), send(good), END),
  ),
];

const framings = (good: Buffer): HostileCase[] => {
  const half = good.subarray(0, good.length >> 1);
  const withLength = (length: string, ...rest: readonly Step[]): readonly Step[] => [
    send(headOf({ headers: [`content-length: ${length}`] })),
    ...rest,
  ];
  return [
    ended('promises more bytes than it sends', CUT, ...withLength(String(good.length + 10), send(half), END)),
    ended('promises fewer bytes than it sends', CUT, ...withLength(String(half.length), send(good), END)),
    ended('promises no byte', UNREADABLE, ...withLength('0', END)),
    ended('promises a negative number of bytes', UNREADABLE, ...withLength('-1', send(good), END)),
    ended('promises a number of bytes in letters', UNREADABLE, ...withLength('many', send(good), END)),
    ended('promises 1e30 bytes', UNREADABLE, ...withLength('9'.repeat(30), send(good), END)),
    ended(
      'promises two numbers of bytes',
      UNREADABLE,
      send(headOf({ headers: ['content-length: 5', 'content-length: 6'] })),
      send(good),
      END,
    ),
    ended(
      'promises a number and chunks',
      UNREADABLE,
      send(headOf({ headers: ['content-length: 5', 'transfer-encoding: chunked'] })),
      send(chunked(good)),
      END,
    ),
  ];
};

const chunkings = (good: Buffer): HostileCase[] => {
  const half = good.subarray(0, good.length >> 1);
  const inChunks = send(headOf({ headers: ['transfer-encoding: chunked'] }));
  return [
    ended('has a chunk of a size in letters', CUT, inChunks, send('zz\r\n'), send(good), END),
    ended('has a chunk of a negative size', CUT, inChunks, send('-5\r\n'), send(good), END),
    ended('has a chunk of an endless size', CUT, inChunks, send(`${'f'.repeat(40)}\r\n`), send(good), END),
    ended('ends inside a chunk', CUT, inChunks, send(chunked(good).subarray(0, good.length >> 1)), END),
    ended('resets inside a chunk', CUT, inChunks, send(chunked(half)), RESET),
    ended('never sends the last chunk, but the closing mark', SAME, inChunks, send(chunked(good))),
    ended('has a chunk extension of a megabyte', CUT, inChunks, send(`5;${MEGABYTE}`), END),
    ended(
      'sends each byte as a chunk',
      SAME,
      inChunks,
      send(chunked(...[...good].map((byte) => Buffer.of(byte)))),
      send('0\r\n\r\n'),
      END,
    ),
    ended(
      'has trailers after the last chunk',
      SAME,
      inChunks,
      send(chunked(good)),
      send('0\r\nx-more: 1\r\n\r\n'),
      END,
    ),
  ];
};

const encodings = (good: Buffer): HostileCase[] => {
  const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
  const as = (encoding: string, bytes: Buffer): HostileCase =>
    ended(
      `compresses with ${encoding.slice(0, 20)} (${String(bytes.length)} bytes)`,
      UNREADABLE,
      send(headOf({ headers: [`content-encoding: ${encoding}`] })),
      send(bytes),
      END,
    );
  return [
    as('gzip', bomb),
    as('gzip', gzipSync(good)),
    as('x-gzip', gzipSync(good)),
    as('deflate', deflateSync(good)),
    as('br', brotliCompressSync(good)),
    as('zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])),
    as(Array(100).fill('gzip').join(', '), good),
    as('made-up', good),
    ended('says identity', SAME, send(headOf({ headers: ['content-encoding: identity'] })), send(good), END),
    ended(
      'compresses without saying so',
      UNREADABLE,
      send(headOf()),
      send(gzipSync(Buffer.alloc(4096, 0x61))),
      END,
    ),
  ];
};
