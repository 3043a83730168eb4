import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/scratch';
import { Longhaul, startLonghaul } from '../support/longhaul';

jest.setTimeout(60_000);

interface Finding {
  readonly file: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly quote: string;
}

const SAMPLE = 'scripts/demo/sample';

describe('an audit of real files by the sandbox’s reviewer', () => {
  let longhaul: Longhaul;
  let output: {
    readonly findings: readonly Finding[];
    readonly withheld: readonly { readonly reason: string }[];
  };
  let id: string;
  const files = readdirSync(join(ROOT, SAMPLE)).map((name) => ({
    path: `${SAMPLE}/${name}`,
    content: readFileSync(join(ROOT, SAMPLE, name), 'utf8'),
  }));

  beforeAll(async () => {
    longhaul = await startLonghaul({ backEnd: 'postgres' });
    await longhaul.worker();
    const job = await longhaul.submit({
      type: 'audit',
      model: 'sandbox/reviewer',
      input: { instruction: 'Find faults.', files },
    });
    id = job.id;
    await longhaul.ended(id);
    output = (await longhaul.job(id, '?include=output')).output as typeof output;
  });

  it('gives at least five findings, and each quote stands where it says', () => {
    expect(output.findings.length).toBeGreaterThanOrEqual(5);
    for (const finding of output.findings) {
      const lines = files.find((file) => file.path === finding.file)?.content.split('\n') ?? [];
      expect(lines.slice(finding.start_line - 1, finding.end_line).join('\n')).toBe(finding.quote);
    }
  });

  it('withholds the one invented quote, with its reason', () => {
    expect(output.withheld).toMatchObject([{ reason: 'quote_not_found' }]);
  });

  it('tells no progress after its end, and where its report is; a chat has none', async () => {
    expect(await longhaul.job(id)).toMatchObject({
      progress: null,
      urls: { report: `/v1/jobs/${id}/report` },
    });
    const chat = await longhaul.chat('sandbox/echo', 'chat');
    expect(await longhaul.ended(chat.id)).toMatchObject({ urls: { report: null } });
    expect(await longhaul.attempts(chat.id)).toMatchObject([{ status: 'succeeded', phase: null }]);
  });

  it('has a Markdown report that names file and line of each finding', async () => {
    const report = await fetch(`${longhaul.api.url}/v1/jobs/${id}/report`);
    expect(report.headers.get('content-type')).toContain('text/markdown');
    const text = await report.text();
    for (const finding of output.findings)
      expect(text).toContain(`${finding.file}:${String(finding.start_line)}`);
  });
});
