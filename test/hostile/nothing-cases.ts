import { END, ended, fails, headOf, HostileCase, send } from './case';

const UNREADABLE = fails('malformed_response');

const NOTHINGS: readonly (readonly [string, string | Buffer])[] = [
  ['nothing', ''],
  ['white space', ' \n\r\t\n '],
  ['a page', '<!doctype html><title>502 Bad Gateway</title>'],
  ['a page behind a byte order mark', '\ufeff<html></html>'],
  ['prose', 'Service Unavailable, please try again later'],
  ['null', 'null'],
  ['a number', '42'],
  ['true', 'true'],
  ['a string', '"hello"'],
  ['an empty list', '[]'],
  ['an empty object', '{}'],
  ['NaN', 'NaN'],
  ['half an object', '{"id":"x","choices":[{"mess'],
  ['an object that is not closed at the end', '{"a":{"b":'],
  ['a list a hundred thousand deep', '['.repeat(100_000)],
  ['an object a hundred thousand deep', '{"a":'.repeat(100_000)],
  ['XML', '<?xml version="1.0"?><error/>'],
  ['a zip', Buffer.from('504b0304140000000800', 'hex')],
  ['noise', Buffer.alloc(2000, 0x9d)],
  ['zeros', Buffer.alloc(2000)],
  ['UTF-16', Buffer.from('{"a":1}', 'utf16le')],
  ['two objects', '{}{}'],
  ['a comment', '/* hello */ {}'],
  ['single quotes', "{'a':1}"],
  ['a trailing comma', '{"a":1,}'],
];

/** Good statuses over bodies that are no answer. */
export function nothingCases(): HostileCase[] {
  return NOTHINGS.flatMap(([what, body]) => [
    ended(`answers 200 with ${what}`, UNREADABLE, send(headOf()), send(body), END),
    ended(
      `answers 200 as a stream with ${what}`,
      fails('malformed_response', 'stream_truncated'),
      send(headOf({ headers: ['content-type: text/event-stream'] })),
      send(body),
      END,
    ),
  ]);
}
