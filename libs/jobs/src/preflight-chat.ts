import { GatewayError, JobView, StoredError } from '@longhaul/contract';
import { Registry } from '@longhaul/registry';
import { JobReader } from './job-reader';
import { JobService } from './job.service';

/** A paid call that was made only to see whether one succeeds. */
export interface PreflightView {
  /** Null = it was refused before it became a job. */
  readonly job: string | null;
  readonly model: string | null;
  readonly status: JobView['status'] | null;
  /** Of docs/errors.md. */
  readonly error: StoredError | null;
}

export interface PreflightChatParts {
  readonly jobs: Pick<JobService, 'submit'>;
  readonly reader: Pick<JobReader, 'waitForEnd'>;
  readonly registry: Pick<Registry, 'state'>;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

export interface Asker {
  readonly caller: string;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

interface Asked {
  readonly atMs: number;
  readonly caller: string;
  readonly accepted: Promise<JobView>;
}

const DEADLINE_S = 20;
/** For the worker that has to notice the deadline. */
const WAIT_MS = (DEADLINE_S + 5) * 1000;
/** Whoever asks again within it is told of the same job: it costs money. Longer than such a job lasts. */
const KEPT_MS = 30_000;

/** Asks a model of a provider, as any job does, with all its clocks, caps and bookings, and only where the setting allows it. */
export class PreflightChat {
  private readonly kept = new Map<string, Asked>();

  constructor(private readonly parts: PreflightChatParts) {}

  /** Null = ROUTER_PREFLIGHT_CHAT is off. @throws GatewayError store_unavailable */
  async ask(provider: string, asker: Asker): Promise<PreflightView | null> {
    if (!this.parts.registry.state.settings.policy.preflightChat) return null;
    const { accepted, caller } = this.asked(provider, asker.caller);
    try {
      const { id } = await accepted;
      const wait = { waitMs: WAIT_MS, signal: asker.signal, include: [] };
      return viewPreflight(await this.parts.reader.waitForEnd(id, caller, wait));
    } catch (thrown) {
      const { code, message } = GatewayError.from(thrown);
      if (code === 'store_unavailable' || code === 'internal') throw thrown;
      return { job: null, model: null, status: null, error: { code, message } };
    }
  }

  private asked(provider: string, caller: string): Asked {
    const nowMs = this.parts.now();
    const known = this.kept.get(provider);
    if (known !== undefined && nowMs - known.atMs < KEPT_MS) return known;
    const accepted = this.parts.jobs.submit(chatWith(provider), caller).then(({ job }) => job);
    const asked = { atMs: nowMs, caller, accepted };
    this.kept.set(provider, asked);
    accepted.catch(() => this.kept.delete(provider));
    return asked;
  }
}

/** As small as a job can be. The provider's own default model, and nobody in its place. */
const chatWith = (provider: string) => ({
  type: 'chat',
  provider,
  fallbacks: [],
  input: { messages: [{ role: 'user', content: 'ping' }], max_output_tokens: 16 },
  deadlineSeconds: DEADLINE_S,
  metadata: { purpose: 'preflight' },
});

const viewPreflight = ({ id, status, resolved, error }: JobView): PreflightView => ({
  job: id,
  model: resolved.model,
  status,
  error,
});
