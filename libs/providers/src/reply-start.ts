/** Enough to tell server-sent events from JSON, markup and prose. */
const TELLING_LENGTH = 8;
const STARTS_LIKE_EVENTS = /^(:|data:|event:|id:|retry:)/;

export interface ReplyStart {
  readonly form: 'empty' | 'markup' | 'events' | 'other';
  /** The whole body but its leading white space. Once. */
  readonly texts: AsyncIterable<string>;
}

async function* prepended(start: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield start;
  yield* rest;
}

/** The body decides what it is, not its content type: an error may come as JSON under text/event-stream. */
export async function replyStart(texts: AsyncGenerator<string>): Promise<ReplyStart> {
  let start = '';
  while (start.length < TELLING_LENGTH) {
    const next = await texts.next();
    if (next.done) break;
    start = (start + next.value).trimStart();
  }
  return { form: formOf(start), texts: prepended(start, texts) };
}

function formOf(start: string): ReplyStart['form'] {
  if (start === '') return 'empty';
  if (start.startsWith('<')) return 'markup';
  return STARTS_LIKE_EVENTS.test(start) ? 'events' : 'other';
}
