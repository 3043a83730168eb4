import { createServer, IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo, Socket } from 'node:net';
import { ProviderSettings, Secret } from '@longhaul/settings';

/** The key of every spec here. No error, however it is printed, may hold it. */
export const CANARY = 'sk-canary-5f3e9a17c0';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** Resolves when the connection of this request is gone. */
  readonly closed: Promise<void>;
}

export interface ScriptedUpstream {
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Resolves when so many requests have arrived. */
  arrived(count: number): Promise<readonly SeenRequest[]>;
  close(): Promise<void>;
}

export type Script = (response: ServerResponse, request: SeenRequest) => void | Promise<void>;

const readAll = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
};

/** Requests as they come in, and who waits for them. */
class Arrivals {
  readonly requests: SeenRequest[] = [];
  private wake = (): void => undefined;

  async read(request: IncomingMessage): Promise<SeenRequest> {
    const closed = new Promise<void>((resolve) => {
      request.socket.once('close', () => {
        resolve();
      });
    });
    const { method = '', url = '', headers } = request;
    const seen = { method, url, headers, body: await readAll(request), closed };
    this.requests.push(seen);
    this.wake();
    return seen;
  }

  async arrived(count: number): Promise<readonly SeenRequest[]> {
    while (this.requests.length < count) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    return this.requests;
  }
}

/** A real HTTP server on loopback that answers every request by the script. */
export async function startScripted(script: Script): Promise<ScriptedUpstream> {
  const arrivals = new Arrivals();
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    void arrivals.read(request).then((seen) => script(response, seen));
  });
  server.on('connection', (socket) => {
    socket.setMaxListeners(0);
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/v1`,
    requests: arrivals.requests,
    arrived: (count) => arrivals.arrived(count),
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => {
          resolve();
        });
      }),
  };
}

/** Made-up settings of one provider; long clocks, so that only the spec's own can fire. */
export const providerSettings = (changes: Partial<ProviderSettings> = {}): ProviderSettings => ({
  name: 'acme',
  dialect: 'openai_compatible',
  baseUrl: 'http://127.0.0.1:1/v1',
  auth: 'bearer',
  keyVariables: ['ACME_API_KEY', 'ACME_KEY'],
  key: new Secret(CANARY),
  keySource: 'ACME_API_KEY',
  headers: {},
  defaultModel: null,
  prefixes: ['acme'],
  family: null,
  connectMs: 10_000,
  firstTokenMs: 120_000,
  idleMs: 120_000,
  totalMs: 600_000,
  retryAttempts: 1,
  retryBackoffMs: 1000,
  maxInflight: 10,
  limits: { requestsPerMinute: null, tokensPerMinute: null, tokensPerDay: null },
  explicitOnly: false,
  acceptUnlistedModels: false,
  hosted: false,
  keepAliveS: null,
  priority: 100,
  fallbackOrder: [],
  allowedModels: null,
  preferredModels: [],
  speedModel: null,
  qualityModel: null,
  allowExpensiveFallback: null,
  description: '',
  ...changes,
});
