import { ChatAnswer } from '@longhaul/contract';
import { auditKind } from './audit.kind';
import { AuditOutput } from './audit/result';
import { CallRequest } from './kind';

const kind = auditKind({ nonce: () => 'n0' });
const input = {
  instruction: 'Find bugs.',
  files: [{ path: 'src/a.ts', content: 'try { go(); } catch {}\nconst done = x == y;\n' }],
};
const item = {
  file: 'src/a.ts',
  line: 1,
  quote: 'try { go(); } catch {}',
  title: 'Empty catch',
  severity: 'high',
  explanation: 'E',
};
const invented = { ...item, quote: 'eval(request.body);', title: 'Invented' };
const whole = JSON.stringify({ findings: [item, invented], note: 'Read all.' });

async function run(answer: Partial<ChatAnswer>, more: object = {}) {
  const calls: CallRequest[] = [];
  const said: string[] = [];
  const full = {
    text: whole,
    reasoning: null,
    finishReason: 'stop' as const,
    usage: null,
    statedCostNanoUsd: null,
    toolCalls: [],
    state: null,
  };
  const result = await kind.run(kind.parse({ ...input, ...more }), {
    call: (request) => {
      calls.push(request);
      return Promise.resolve({ ...full, ...answer });
    },
    progress: (text) => void said.push(text),
  });
  return { result, output: result.output as AuditOutput, calls, said };
}

describe('the audit kind', () => {
  it('makes one call and shows only what stands in the files', async () => {
    const { result, output, calls, said } = await run({});
    expect(calls).toHaveLength(1);
    expect(said.length).toBeGreaterThan(0);
    expect(result.status).toBe('completed');
    expect(output.findings).toMatchObject([{ id: 'f1', file: 'src/a.ts', start_line: 1, quote: item.quote }]);
    expect(output.withheld).toMatchObject([{ reason: 'quote_not_found', title: 'Invented' }]);
    expect(output.note).toBe('Read all.');
    expect(output.quality).toEqual({ claimed: 2, grounded: 1, withheld: 1, unreadable: 0 });
  });

  it('runs on input that came back from the store as plain JSON', async () => {
    const plain = JSON.parse(JSON.stringify(kind.parse(input))) as ReturnType<typeof kind.parse>;
    const call = () =>
      Promise.resolve({
        text: whole,
        reasoning: null,
        finishReason: 'stop' as const,
        usage: null,
        statedCostNanoUsd: null,
        toolCalls: [],
        state: null,
      });
    await expect(kind.run(plain, { call, progress: () => undefined })).resolves.toMatchObject({
      status: 'completed',
    });
  });

  it('needs the whole prompt, and an output budget that leaves room for reasoning', async () => {
    const need = kind.need(kind.parse(input));
    const large = kind.parse({ ...input, files: [{ path: 'a', content: 'const a = 1;\n'.repeat(9000) }] });
    expect(need.inputTokens).toBeGreaterThan(500);
    expect(need.outputTokens).toBe(8000);
    expect(kind.need(large).outputTokens).toBeGreaterThan(8000);
    expect(kind.need(large).outputTokens).toBeLessThanOrEqual(32_000);
    expect(kind.need(kind.parse({ ...input, max_output_tokens: 50 })).outputTokens).toBe(50);
    expect((await run({}, { max_output_tokens: 50 })).calls[0]?.maxOutputTokens).toBe(50);
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ] as const)('keeps what was grounded when the answer ends with %s', async (finishReason, reason) => {
    const cut = whole.slice(0, whole.indexOf('Invented'));
    const { result, output } = await run({ text: cut, finishReason });
    expect(result).toMatchObject({ status: 'incomplete', reason });
    expect(output.findings).toHaveLength(1);
    expect(output.coverage.complete).toBe(false);
    expect(output.quality).toMatchObject({ claimed: 2, unreadable: 1 });
  });

  it('is incomplete when the list is cut off although the model says that it stopped', async () => {
    const { result } = await run({ text: whole.slice(0, whole.indexOf('Invented')) });
    expect(result).toMatchObject({ status: 'incomplete', reason: 'coverage' });
  });

  it('completes without findings only when the model says so in the right form', async () => {
    const { result, output } = await run({ text: '{"findings":[],"note":"Nothing."}' });
    expect(result.status).toBe('completed');
    expect(output.coverage).toEqual({ files: 1, lines: 2, complete: true });
  });

  it.each([
    ['a refusal', { text: 'I cannot help with that.' }, 'output_invalid'],
    ['a filtered refusal', { text: 'I cannot', finishReason: 'content_filter' as const }, 'content_filtered'],
    ['silence', { text: ' ' }, 'empty_output'],
    ['starvation', { text: '', finishReason: 'length' as const }, 'output_starved'],
    ['only unreadable items', { text: '{"findings":[1,{"file":"a"}]}' }, 'output_invalid'],
    ['a list that breaks off at once', { text: '{"findings":[{"file":' }, 'output_invalid'],
  ])('never takes %s for a clean audit', async (_what, answer, code) => {
    await expect(run(answer)).rejects.toMatchObject({ code });
  });

  it('renders its own output as a report', async () => {
    const { output } = await run({});
    const times = { createdAt: new Date(0), completedAt: new Date(1000) };
    const job = { id: 'job_1', resolved: { provider: 'p', model: 'm' }, costUsd: 0.01, ...times };
    expect(kind.report?.(job, output)).toContain('`src/a.ts:1`, high, quote exact');
  });
});
