import { ChatEvent } from '@longhaul/contract';
import { SYSTEM_TIMERS } from './clocks';
import { Exchange } from './exchange';
import { HttpReply } from './http';
import { LiveCall } from './live-call';
import { providerSettings } from './scripted-upstream.fixtures';

export interface Pieces {
  readonly pieces: readonly Buffer[];
  /** The connection breaks after them. */
  readonly isCut?: boolean;
}

const never = new AbortController().signal;

/** What a reader makes of a body that comes in these pieces, as the HTTP client would give them; throws as a call does. */
export async function readReply(
  { pieces, isCut = false }: Pieces,
  reader: (reply: HttpReply, call: LiveCall) => AsyncIterable<ChatEvent>,
): Promise<ChatEvent[]> {
  const exchange = new Exchange(never, () => undefined);
  const controller = { aborted: false, paused: false, reason: null, abort() {}, pause() {}, resume() {} };
  exchange.onRequestStart(controller);
  exchange.onResponseStart(controller, 200, {});
  for (const piece of pieces) exchange.onResponseData(controller, piece);
  if (isCut) exchange.onResponseError(controller, new Error('other side closed'));
  else exchange.onResponseEnd();
  const settings = providerSettings();
  const call = new LiveCall({ settings, model: 'm', clocks: settings, signal: never, timers: SYSTEM_TIMERS });
  call.clocks.sent();
  call.answered(200, {});
  const events: ChatEvent[] = [];
  try {
    for await (const event of reader(new HttpReply(exchange), call)) events.push(event);
  } catch (thrown) {
    throw call.explain(thrown);
  } finally {
    call.clocks.stop();
  }
  return events;
}

export function splitAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const edges = [0, ...new Set(cuts.map((cut) => cut % bytes.length)), bytes.length].sort((a, b) => a - b);
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}
