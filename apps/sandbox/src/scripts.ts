import { parseScript, Script, ScriptMatch, ScriptedReply } from './script';
import { UpstreamCall } from './upstream-call';

export const CHAT_PATH = '/v1/chat/completions';

interface Entry {
  readonly key: string;
  readonly match: ScriptMatch;
  readonly queue: { readonly reply: ScriptedReply; left: number }[];
}

function fits(match: ScriptMatch, call: UpstreamCall): boolean {
  return (
    call.path === (match.path ?? CHAT_PATH) &&
    (match.provider === undefined || match.provider === call.provider) &&
    (match.model === undefined || match.model === call.model) &&
    (match.marker === undefined || match.marker === call.marker) &&
    (match.contains === undefined || call.prompt.includes(match.contains))
  );
}

/** The scripts of one server. The newest that fits and has a reply left answers; after the last one the models do. */
export class Scripts {
  #entries: Entry[] = [];

  /** Adds a script; one with the same match takes the old one's place. */
  put(value: unknown): void {
    const script: Script = parseScript(value);
    const match = script.match ?? {};
    const key = JSON.stringify(Object.entries(match).sort());
    const queue = script.replies.map((reply) => ({
      reply,
      left: reply.repeat === 'forever' ? Infinity : (reply.repeat ?? 1),
    }));
    this.#entries = [{ key, match, queue }, ...this.#entries.filter((entry) => entry.key !== key)];
  }

  /** The reply for this call, which is then used up; null when no script speaks. */
  take(call: UpstreamCall): ScriptedReply | null {
    for (const { match, queue } of this.#entries) {
      if (!fits(match, call)) continue;
      const next = queue.find((step) => step.left > 0);
      if (next === undefined) continue;
      next.left -= 1;
      return next.reply;
    }
    return null;
  }

  reset(): void {
    this.#entries = [];
  }
}
