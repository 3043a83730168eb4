import { ErrorCode } from '@longhaul/contract';

/** What the server does, in order; bytes are base64. */
export type Step =
  | { readonly send: string; readonly times?: number }
  /** Each byte in a write of its own. */
  | { readonly bytewise: string }
  /** For ever, until the client goes. */
  | { readonly beat: string; readonly everyMs: number }
  | { readonly then: 'end' | 'reset' };

/** What must come of a reply. `same` = the answer that the unharmed reply gives; `text` = this text. */
export type Verdict =
  | { readonly codes: readonly ErrorCode[] }
  | { readonly same: true }
  /** The text holds this, and the answer is a good one. */
  | { readonly textHas: string };

export interface HostileCase {
  readonly title: string;
  readonly steps: readonly Step[];
  readonly must: Verdict;
  /** The clock that ends the call; null = it ends before any. */
  readonly clock: 'firstToken' | 'idle' | 'total' | null;
  /** So many bytes that reading them takes longer than the short clocks. */
  readonly isLarge?: boolean;
}

export const encode = (bytes: string | Buffer): string => Buffer.from(bytes).toString('base64');
export const send = (bytes: string | Buffer, times = 1): Step => ({ send: encode(bytes), times });
export const END: Step = { then: 'end' };
export const RESET: Step = { then: 'reset' };

export const fails = (...codes: readonly ErrorCode[]): Verdict => ({ codes });
export const SAME: Verdict = { same: true };

export interface Head {
  readonly status?: number;
  readonly reason?: string;
  readonly headers?: readonly string[];
}

/** A status line and headers of a reply that ends with its connection. */
export const headOf = ({ status = 200, reason = 'OK', headers = [] }: Head = {}): string =>
  [`HTTP/1.1 ${String(status)} ${reason}`, 'connection: close', ...headers, '', ''].join('\r\n');

export const chunked = (...pieces: readonly (string | Buffer)[]): Buffer =>
  Buffer.concat(
    pieces.flatMap((piece) => {
      const bytes = Buffer.from(piece);
      return [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')];
    }),
  );

/** A reply after which the call ends by itself. */
export const ended = (title: string, must: HostileCase['must'], ...steps: readonly Step[]): HostileCase => ({
  ...{ title, steps, must },
  clock: null,
});
