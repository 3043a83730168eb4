import { connect } from 'node:net';
import { once } from 'node:events';
import { JobView } from '@longhaul/contract';
import { Longhaul, startLonghaul } from '../support/longhaul';
import { backEnds } from '../support/stores';

jest.setTimeout(120_000);

describe.each(backEnds())('a chat whose connection breaks (%s)', (backEnd) => {
  let longhaul: Longhaul;

  beforeAll(async () => {
    longhaul = await startLonghaul({ backEnd });
    await longhaul.worker();
  });
  beforeEach(() => {
    longhaul.upstream.reset();
  });

  const bodyOf = (marker: string): string =>
    JSON.stringify({
      ...{ model: 'moonshot/kimi-k2.6', fallbacks: [] },
      messages: [{ role: 'user', content: `hello [[${marker}]]` }],
    });
  const chat = (url: string, marker: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${url}/v1/chat`, {
      ...{
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': marker, ...headers },
      },
      body: bodyOf(marker),
    });
  /** The upstream holds its answer until it is released: the chat is under way and nobody has heard of it. */
  const hold = (marker: string): void =>
    longhaul.upstream.script({ match: { marker }, replies: [{ text: 'kept', holdBefore: 'first_token' }] });
  const jobOf = (answer: Response): string => answer.headers.get('location')?.split('/').at(-1) ?? 'none';

  it('is not lost when its client hangs up: it runs to its end, and its key finds it', async () => {
    hold('hung-up');
    const { hostname, port } = new URL(longhaul.api.url);
    const socket = connect(Number(port), hostname);
    const body = bodyOf('hung-up');
    socket.write(
      [
        ...['POST /v1/chat HTTP/1.1', `Host: ${hostname}:${port}`, 'Content-Type: application/json'],
        ...['Idempotency-Key: hung-up', `Content-Length: ${String(Buffer.byteLength(body))}`, '', body],
      ].join('\r\n'),
    );
    await longhaul.upstream.waitForHeld(1, { marker: 'hung-up' });
    socket.destroy();
    await once(socket, 'close');
    longhaul.upstream.release();
    const answer = await chat(longhaul.api.url, 'hung-up');
    expect([answer.status, answer.headers.get('idempotent-replayed')]).toEqual([200, 'true']);
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'kept' } }] });
    expect(await longhaul.job(jobOf(answer))).toMatchObject({ status: 'completed', attempts: { count: 1 } });
    const [call, ...others] = longhaul.upstream.calls({ marker: 'hung-up' });
    expect([call?.outcome, others.length]).toEqual(['whole', 0]);
  });

  it('is the same job when the API is killed between its acceptance and its answer', async () => {
    hold('killed');
    const second = await longhaul.secondApi();
    const cut = chat(second.url, 'killed').then(
      () => 'answered',
      () => 'cut',
    );
    await longhaul.upstream.waitForHeld(1, { marker: 'killed' });
    second.kill('SIGKILL');
    expect(await cut).toBe('cut');
    const pending = await chat(longhaul.api.url, 'killed', { prefer: 'wait=0' });
    expect([pending.status, pending.headers.get('idempotent-replayed')]).toEqual([202, 'true']);
    longhaul.upstream.release();
    const answer = await chat(longhaul.api.url, 'killed');
    expect(((await pending.json()) as JobView).id).toBe(jobOf(answer));
    expect(await answer.json()).toMatchObject({ choices: [{ message: { content: 'kept' } }] });
    expect(longhaul.upstream.calls({ marker: 'killed' })).toHaveLength(1);
  });

  it('holds no stop up: its client is told at once where the answer will be', async () => {
    hold('stopped');
    const second = await longhaul.secondApi();
    const answer = chat(second.url, 'stopped');
    await longhaul.upstream.waitForHeld(1, { marker: 'stopped' });
    await second.stop();
    expect(await second.exited).toBe(0);
    expect((await answer).status).toBe(202);
    longhaul.upstream.release();
    expect(await longhaul.ended(jobOf(await answer))).toMatchObject({ status: 'completed' });
  });
});
