import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';

/** What an upstream has been sent and could give away. */
export interface Sent {
  readonly credentials: string;
  readonly body: string;
  readonly response: ServerResponse;
}

export type Trick = (sent: Sent) => void;

/** An upstream that gives back what it was sent, in every place where a careless gateway would log or store it. */
export interface Mirror {
  url(provider: string): string;
  readonly seen: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly error: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const answer = ({ response }: Sent, { status, error, headers = {} }: Reply): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error }));
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** In the error's message, type and code, and in the id of the request. */
export const echoes =
  (status: number): Trick =>
  (sent) => {
    const { credentials, body } = sent;
    const error = {
      message: `${credentials} ${body}`,
      type: credentials,
      code: body.slice(0, 400),
      param: credentials,
    };
    answer(sent, { status, error, headers: { 'x-request-id': credentials.replace(/\s/g, '') } });
  };

/** Not as it was sent, but still readable by whoever finds it. */
export const encodes: Trick = (sent) => {
  const { credentials, body } = sent;
  const error = {
    message: base64(`key: ${credentials}; prompt: ${body}`),
    type: base64(credentials).slice(0, 48),
    code: 529,
  };
  answer(sent, { status: 529, error });
};

/** As an event inside a good stream, cut into small pieces. */
export const splits: Trick = ({ response, credentials, body }) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const event = `data: {"choices":[{"delta":{"content":"a"}}]}\n\ndata: ${JSON.stringify({ error: { message: `${credentials} ${body}`, type: credentials } })}\n\n`;
  for (let at = 0; at < event.length; at += 5) response.write(event.slice(at, at + 5));
  response.end();
};

/** As a page of a proxy, with a redirect to a place whose address holds it. */
export const redirects: Trick = ({ response, credentials, body }) => {
  response.writeHead(302, {
    location: `http://127.0.0.1:9/?key=${encodeURIComponent(credentials)}`,
    'content-type': 'text/html',
  });
  response.end(`<html>${credentials}${body}</html>`);
};

/** As no HTTP at all: the parser's own error quotes the bytes. */
export const babbles: Trick = ({ response, credentials, body }) => {
  response.socket?.end(`${credentials} ${body.slice(0, 200)}\r\n\r\n`);
};

/** A broken answer that ends in the middle of what was sent. */
export const breaksOff: Trick = ({ response, credentials, body }) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`{"choices":[{"message":{"content":"${credentials} ${body.slice(0, 300)}`);
};

export async function startMirror(tricks: Readonly<Record<string, Trick>>): Promise<Mirror> {
  const seen = new Map<string, string>();
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      const { headers, url = '' } = request;
      const provider = url.split('/')[1] ?? '';
      const inQuery = new URL(url, 'http://mirror').searchParams.get('key') ?? '';
      const inHeaders = [
        headers.authorization,
        headers['x-api-key'],
        headers['x-goog-api-key'],
        headers['x-own'],
      ];
      const credentials = [...inHeaders, inQuery]
        .filter((each) => each !== undefined && each !== '')
        .join(' ');
      if (request.method === 'POST') seen.set(provider, credentials);
      (tricks[provider] ?? echoes(500))({ credentials, body, response });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (provider) => `http://127.0.0.1:${String(port)}/${provider}/v1`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
