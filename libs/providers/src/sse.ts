import { createParser } from 'eventsource-parser';
import { WireFailure } from './wire-failure';

export interface SseEvent {
  /** The `event:` field; undefined for most. */
  readonly event: string | undefined;
  readonly data: string;
  /** True when the stream ended inside this event: its data may be cut. */
  readonly isLast: boolean;
}

/** In characters, of one event. */
const EVENT_LIMIT = 2 * 1024 * 1024;

/** Server-sent events out of text, however it is cut. Comments are no events. */
export async function* sseEvents(texts: AsyncIterable<string>): AsyncGenerator<SseEvent> {
  const ready: SseEvent[] = [];
  let isLast = false;
  let isTooLarge = false;
  const parser = createParser({
    maxBufferSize: EVENT_LIMIT,
    onEvent: ({ event, data }) => ready.push({ event, data, isLast }),
    onError: ({ type }) => (isTooLarge ||= type === 'max-buffer-size-exceeded'),
  });
  for await (const text of texts) {
    parser.feed(text);
    yield* ready.splice(0);
    if (isTooLarge) throw new WireFailure('too_large', 'event');
  }
  isLast = true;
  parser.feed('\n\n');
  yield* ready.splice(0);
}
