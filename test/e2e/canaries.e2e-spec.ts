import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { JobView } from '@longhaul/contract';
import { ROUTE_SCOPES } from '../../apps/api/src/http/callers/scopes';
import { Canary } from '../support/canaries';
import { CanaryRig, startCanaryRig, TARGETS } from '../support/canary-rig';
import { dumpFolder, dumpPostgres, dumpRedis, Held } from '../support/dumps';
import { until } from '../support/longhaul';
import { AppProcess } from '../support/processes';
import { backEnds } from '../support/stores';

jest.setTimeout(180_000);

/** A conversation that carries something in every place that a chat has. */
function conversationWith(plant: (what: string) => string): object {
  const image = `data:image/png;base64,${Buffer.from(plant('image')).toString('base64')}`;
  const call = { name: 'look_up', arguments: JSON.stringify({ query: plant('arguments of a call') }) };
  return {
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: plant('part of a message') },
          { type: 'image_url', image_url: { url: image } },
          {
            type: 'image_url',
            image_url: { url: `https://images.example/${plant('address of an image')}.png` },
          },
        ],
      },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'call_1', type: 'function', function: call }],
        state: { provider: 'moonshot', data: { reasoning_content: plant('state') } },
      },
      { role: 'tool', tool_call_id: 'call_1', content: plant('result of a tool') },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'look_up',
          description: plant('description of a tool'),
          parameters: { type: 'object', properties: {} },
        },
      },
    ],
    stop: [plant('word that stops')],
  };
}

describe.each(backEnds())('planted canaries (%s)', (backEnd) => {
  let rig: CanaryRig;
  let worker: AppProcess;
  const jobs: string[] = [];
  /** Those of them whose provider gives nothing away. */
  const good: string[] = [];
  const answers: { readonly what: string; readonly text: string }[] = [];

  const ask = async (
    path: string,
    { key = rig.keys.owner, ...more }: RequestInit & { key?: string } = {},
  ) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...more.headers };
    const answer = await fetch(`${rig.api.url}${path}`, { ...more, headers });
    const text = await answer.text();
    return { status: answer.status, text: `${JSON.stringify([...answer.headers])}\n${text}`, body: text };
  };
  const post = (body: unknown) =>
    ask('/v1/jobs', { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
  const submit = async (model: string, input: object, type = 'chat'): Promise<string> => {
    const { status, body } = await post({ type, model, fallbacks: [], input });
    expect([status, body]).toEqual([202, expect.any(String)]);
    const { id } = JSON.parse(body) as JobView;
    jobs.push(id);
    return id;
  };
  const prompt = (what: string): string => rig.canaries.plant(what, 'job');
  const secret = (what: string): string => rig.canaries.plant(what, 'nowhere');

  const stores = async (): Promise<Held[]> => [
    ...(await dumpPostgres(rig.databaseUrl)),
    ...(rig.redis ? await dumpRedis(rig.redis.url) : []),
  ];
  const hits = (held: readonly Held[], belongs?: Canary['belongs']): string[] => [
    ...new Set(
      held.flatMap(({ place, bytes }) => rig.canaries.in(bytes, belongs).map((what) => `${place}: ${what}`)),
    ),
  ];
  const outsideOfJobs = (found: readonly string[]): string[] =>
    found.filter((hit) => !/^jobs\.(input|output): /.test(hit));

  beforeAll(async () => {
    rig = await startCanaryRig(backEnd);
    await plantInPrompts();
    await plantInBadRequests();
  });
  afterAll(() => rig.close());

  async function plantInPrompts(): Promise<void> {
    for (const target of TARGETS) {
      const messages = [{ role: 'user', content: prompt(`prompt to ${target}`) }];
      await submit(target, { messages, system: prompt(`system text to ${target}`) });
    }
    for (const target of ['moonshot/kimi-k2.6', 'openai/gpt-5.4-mini', 'anthropic/claude-sonnet-5-5'])
      await submit(
        target,
        conversationWith((what) => prompt(`${what} to ${target}`)),
      );
    const files = [
      { path: `src/${prompt('path of a file')}.ts`, content: `const a = 1; // ${prompt('source')}\n` },
    ];
    good.push(await submit('sandbox/reviewer', { instruction: prompt('instruction'), files }, 'audit'));
    rig.good.script({
      match: { contains: 'thoughtful' },
      replies: [{ text: prompt('answer'), reasoning: prompt('reasoning') }],
    });
    good.push(await submit('sandbox/echo', { messages: [{ role: 'user', content: 'thoughtful' }] }));
  }

  /** What is refused is kept nowhere at all, not even for its sender. */
  async function plantInBadRequests(): Promise<void> {
    const bad = [
      { type: 'chat', model: 'sandbox/echo', input: { messages: secret('messages that are text') } },
      {
        type: 'chat',
        model: 'sandbox/echo',
        input: { messages: [{ role: 'user', content: { [secret('name of a member')]: 1 } }] },
      },
      `{"type":"chat","input":"${secret('broken JSON')}`,
    ];
    for (const body of bad) expect((await post(body)).status).toBeGreaterThanOrEqual(400);
    const wrong = [
      ask('/v1/jobs', { key: secret('wrong key') }),
      ask(`/v1/jobs?key=${secret('query')}`),
      ask('/v1/models', { headers: { cookie: secret('cookie'), 'x-api-key': secret('header x-api-key') } }),
      ask('/v1/models', { headers: { host: secret('host'), referer: `http://${secret('referer')}/` } }),
    ];
    await Promise.all(wrong);
  }

  it('are at least forty', () => {
    expect(rig.canaries.all.length).toBeGreaterThanOrEqual(40);
  });

  it('stand in no queue and in no column but the input, while the jobs wait', async () => {
    const found = hits(await stores());
    expect(outsideOfJobs(found)).toEqual([]);
    // The judge sees what is there.
    expect(found.filter((hit) => hit.startsWith('jobs.input')).length).toBeGreaterThan(15);
  });

  it('run through every way of giving a secret away', async () => {
    worker = await rig.worker();
    for (const id of jobs) {
      await until(
        `the end of ${id}`,
        async () => {
          const { body } = await ask(`/v1/jobs/${id}?wait=5`);
          return (JSON.parse(body) as JobView).completed_at !== null;
        },
        60_000,
      );
    }
    for (const id of good) {
      const { status, error } = JSON.parse((await ask(`/v1/jobs/${id}`)).body) as JobView;
      expect({ status, error }).toEqual({ status: 'completed', error: null });
    }
    for (const [provider, credentials] of rig.mirror.seen) {
      if (provider === 'ollama') continue;
      const key = rig.canaries.all.find(({ what }) => what === `key of ${provider}`);
      expect([provider, credentials]).toEqual([provider, expect.stringContaining(key?.word ?? 'no key')]);
    }
    expect(rig.mirror.seen.size).toBeGreaterThanOrEqual(TARGETS.length);
  });

  it('stand in no store but a job’s own input and output, when all is over', async () => {
    const found = hits(await stores());
    expect(outsideOfJobs(found)).toEqual([]);
    expect(found.filter((hit) => hit.startsWith('jobs.output')).sort()).toEqual(
      expect.arrayContaining(['jobs.output: answer', 'jobs.output: reasoning']),
    );
  });

  it('are gone from the spool once the answers are in PostgreSQL, and credentials were never there', async () => {
    expect(hits(dumpFolder(rig.api.dataDir), 'nowhere')).toEqual([]);
    await until('an empty spool', async () => {
      await pause(0);
      return hits(dumpFolder(join(rig.api.dataDir, 'spool'))).length === 0;
    });
  });

  it('stand in no answer but that of the job, to its owner', async () => {
    const routes = Object.keys(ROUTE_SCOPES).filter((route) => route.startsWith('GET '));
    for (const route of routes) {
      const path = (route.split(' ')[1] ?? '')
        .replace(':name', 'glm')
        .replace(':version', '1')
        .replace('*', 'glm/glm-4.6');
      for (const id of path.includes(':id') ? jobs : ['']) {
        const full = `${path.replace(':id', id)}${path.endsWith(':id') ? '?include=output,attempts,decision' : ''}`;
        answers.push({ what: `${route} as owner`, text: (await ask(full)).text });
        answers.push({
          what: `${route} as operator`,
          text: (await ask(full, { key: rig.keys.operator })).text,
        });
        answers.push({
          what: `${route} as stranger`,
          text: (await ask(full, { key: rig.keys.stranger })).text,
        });
      }
    }
    const metrics = await fetch(`${worker.url}/metrics`);
    answers.push({ what: 'metrics of the worker', text: await metrics.text() });
    expect(answers.length).toBeGreaterThan(100);
    const found = answers.flatMap(({ what, text }) =>
      rig.canaries.in(text).map((canary) => `${what}: ${canary}`),
    );
    const OWN =
      /^GET \/v1\/jobs\/:id(\/output|\/report)? as owner: (answer|reasoning|path of a file|source|instruction|prompt|system)/;
    expect(found.filter((hit) => !OWN.test(hit))).toEqual([]);
    expect(found).toContain('GET /v1/jobs/:id/output as owner: answer');
  });

  it('stand in no line of any log, at the level trace', async () => {
    await worker.stop();
    await rig.api.stop();
    const logs = [rig.api, worker].map(({ name, logs: read }) => ({
      place: `log of ${name}`,
      bytes: Buffer.from(read()),
    }));
    expect(logs.every(({ bytes }) => bytes.length > 1_000)).toBe(true);
    expect(hits(logs)).toEqual([]);
    // The header was named, without its value.
    expect(rig.api.logs()).toContain('x-own');
  });
});
