import { startAll } from '../support/launchers';
import { backEnds } from '../support/stores';

jest.setTimeout(180_000);

const chat = async (url: string): Promise<unknown> => {
  const answer = await fetch(`${url}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=50' },
    body: JSON.stringify({
      type: 'chat',
      model: 'sandbox/echo',
      input: { messages: [{ role: 'user', content: 'Hello' }] },
    }),
  });
  return answer.json();
};

const onRedis = backEnds().filter((backEnd) => backEnd === 'redis');

(onRedis.length > 0 ? describe : describe.skip)('npm start, when the Redis that it started dies', () => {
  it('has it back with its port, its password and its file, and jobs run on', async () => {
    const start = await startAll();
    expect(await chat(start.url)).toMatchObject({ status: 'completed' });
    process.kill(start.pidOf('Redis'), 'SIGKILL');
    await start.says('Redis is back');
    expect(await chat(start.url)).toMatchObject({ status: 'completed' });
    start.child.kill('SIGTERM');
    expect(await start.exited).toBe(0);
  });
});
