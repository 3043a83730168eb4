/** Raised when the shape of a ticket changes; a worker drops what it does not know, PostgreSQL rings again. */
export const TICKET_VERSION = 1;

/** What travels through a lane: which job, and which bell of it. Never a prompt. */
export interface Ticket {
  readonly jobId: string;
  /** Grows with each new bell of the job; a ticket of an older ring is stale. */
  readonly ring: number;
  readonly v: typeof TICKET_VERSION;
}

export type ParsedTicket =
  | { readonly kind: 'ticket'; readonly ticket: Ticket }
  /** Rung by a newer Longhaul that shares the stores during a rollout. */
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'garbage'; readonly reason: string };

export const ticketOf = (jobId: string, ring: number): Ticket => ({ jobId, ring, v: TICKET_VERSION });

/** One id per bell: BullMQ ignores a second ticket with the id of a pending one. */
export const bullIdOf = (ticket: Pick<Ticket, 'jobId' | 'ring'>): string => `${ticket.jobId}-${ticket.ring}`;

/** BullMQ refuses `:` in a queue's name, so a dot stands between. */
export const queueNameOf = (lane: string): string => `longhaul.${lane}`;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads what a lane delivered. Anything may be in there: other versions write to it, and so can people. */
export function parseTicket(data: unknown): ParsedTicket {
  if (!isRecord(data)) return { kind: 'garbage', reason: 'it is not an object' };
  const { jobId, ring, v } = data;
  if (typeof v !== 'number' || !Number.isSafeInteger(v) || v < 1) {
    return { kind: 'garbage', reason: 'it has no version' };
  }
  if (v > TICKET_VERSION) return { kind: 'newer', version: v };
  if (typeof jobId !== 'string' || jobId === '') return { kind: 'garbage', reason: 'it names no job' };
  if (typeof ring !== 'number' || !Number.isSafeInteger(ring) || ring < 1) {
    return { kind: 'garbage', reason: 'its ring is not a positive whole number' };
  }
  return { kind: 'ticket', ticket: ticketOf(jobId, ring) };
}
