import { JobProgress } from '@longhaul/contract';

const CHARACTERS_PER_TOKEN = 4;
/** Shorter pauses are nothing to speak of. */
const SILENT_FROM_SECONDS = 3;

/** How far one claim is. Every piece of an answer comes by here, so `heard` does next to nothing. */
export class Pulse {
  private message: string | null = null;
  private percent: number | null = null;
  private calledMs: number | null = null;
  private characters = 0;
  private lastTokenMs: number | null = null;
  private answer: { readonly tokens: number } | null = null;

  /** @param now monotonic milliseconds */
  constructor(
    private readonly model: string,
    private readonly now: () => number,
  ) {}

  /** The kind says what it does. Before and after its call its words are shown, during the call the call's. */
  say(message: string, percent?: number): void {
    this.message = message;
    this.percent = percent ?? null;
  }

  call(): void {
    this.calledMs = this.now();
  }

  heard(charactersSoFar: number): void {
    this.characters = charactersSoFar;
    this.lastTokenMs = this.now();
  }

  /** The answer is whole; from now on its tokens are as the provider counted them, where it did. */
  answered(outputTokens: number | null): void {
    this.answer = { tokens: outputTokens ?? this.estimate() };
    this.message = null;
  }

  /** Null before there is anything to tell. */
  progress(): JobProgress | null {
    const message = this.words();
    if (message === null) return null;
    return {
      percent: this.percent,
      message,
      tokens: this.answer?.tokens ?? (this.lastTokenMs === null ? null : this.estimate()),
      seconds_since_last_token: this.lastTokenMs === null ? null : this.secondsSince(this.lastTokenMs),
    };
  }

  private words(): string | null {
    if (this.answer) return this.message ?? `${this.model} has answered`;
    if (this.calledMs === null) return this.message;
    if (this.lastTokenMs === null) {
      const seconds = this.secondsSince(this.calledMs);
      if (seconds === 0) return this.message;
      return `waiting for the first token of ${this.model} for ${String(seconds)} s`;
    }
    const silentSeconds = this.secondsSince(this.lastTokenMs);
    const silence = silentSeconds < SILENT_FROM_SECONDS ? '' : `, silent for ${String(silentSeconds)} s`;
    return `${this.model} is answering: about ${String(this.estimate())} tokens so far${silence}`;
  }

  private estimate(): number {
    return Math.ceil(this.characters / CHARACTERS_PER_TOKEN);
  }

  private secondsSince(ms: number): number {
    return Math.floor((this.now() - ms) / 1000);
  }
}
