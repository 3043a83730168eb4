import { CallLog } from './call-log';
import { Gate } from './gate';
import { ScriptError } from './script';
import { Scripts } from './scripts';

/** The answer to a control request. */
export interface ControlReply {
  readonly status: number;
  readonly body: object;
}

/** What the control paths steer. */
export interface Controlled {
  readonly scripts: Scripts;
  readonly gate: Gate;
  readonly log: CallLog;
}

const DONE: ControlReply = { status: 200, body: { ok: true } };

const wrong = (message: string): ControlReply => ({ status: 400, body: { error: { message } } });

function release(gate: Gate, wish: unknown): ControlReply {
  const { n = 'all', provider, marker } = (wish ?? {}) as Record<string, unknown>;
  if (n !== 'all' && !(typeof n === 'number' && n > 0)) return wrong('release: n must be a count or "all"');
  gate.release(n, {
    ...(typeof provider === 'string' ? { provider } : {}),
    ...(typeof marker === 'string' ? { marker } : {}),
  });
  return DONE;
}

type Handler = (controlled: Controlled, body: unknown) => ControlReply;

const ROUTES: Readonly<Record<string, Handler>> = {
  'GET /health': () => DONE,
  'PUT /script': ({ scripts }, body) => {
    scripts.put(body);
    return DONE;
  },
  'DELETE /script': ({ scripts, gate }) => {
    scripts.reset();
    gate.reset();
    return DONE;
  },
  'PUT /release': ({ gate }, body) => release(gate, body),
  'GET /calls': ({ log }) => ({ status: 200, body: log.calls() }),
  'DELETE /calls': ({ log }) => {
    log.clear();
    return DONE;
  },
  'GET /calls/summary': ({ log }) => ({ status: 200, body: log.summary() }),
};

function readBody(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    throw new ScriptError('the body is not JSON');
  }
}

/** Answers a control request; null when the path is none. */
export function control(controlled: Controlled, route: string, body: string): ControlReply | null {
  const handler = Object.hasOwn(ROUTES, route) ? ROUTES[route] : undefined;
  if (handler === undefined) return null;
  try {
    return handler(controlled, readBody(body));
  } catch (error) {
    if (error instanceof ScriptError) return wrong(error.message);
    throw error;
  }
}
