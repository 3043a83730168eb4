/** The floor's worker: UPDATE, one streamed HTTP call, UPDATE. No lease, no slot, no spool, no ledger. */
import { createServer } from 'node:http';
import { createParser } from 'eventsource-parser';
import { Agent, request } from 'undici';
import { openQueue } from './queue.mjs';
import { openRecords } from './records.mjs';

const { DATABASE_URL, REDIS_URL, PORT, UPSTREAM_URL, CONCURRENCY } = process.env;
const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
const records = await openRecords(DATABASE_URL);
const queue = await openQueue({ redisUrl: REDIS_URL, databaseUrl: DATABASE_URL });

async function call({ input }) {
  const { statusCode, body } = await request(`${UPSTREAM_URL}/v1/chat/completions`, {
    dispatcher,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({
      ...{ model: 'echo', messages: input.messages, stream: true, stream_options: { include_usage: true } },
    }),
  });
  if (statusCode !== 200) throw new Error(`The upstream answered ${statusCode}.`);
  let text = '';
  let usage = null;
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') return;
      const chunk = JSON.parse(data);
      text += chunk.choices[0]?.delta?.content ?? '';
      usage = chunk.usage ?? usage;
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of body) parser.feed(decoder.decode(bytes, { stream: true }));
  return { text, usage };
}

const worker = await queue.work(Number(CONCURRENCY), async (id) => {
  const input = await records.begin(id);
  await records.complete(id, await call(input));
});
process.once('SIGTERM', () => void worker.close().finally(() => process.exit(0)));
createServer((_, response) => response.end('ok')).listen(Number(PORT), '127.0.0.1');
