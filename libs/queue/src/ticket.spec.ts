import { bullIdOf, parseTicket, queueNameOf, ticketOf } from './ticket';

describe('a ticket', () => {
  it('comes back from JSON as it was rung, without what else was in the record', () => {
    const wire: unknown = JSON.parse(JSON.stringify({ ...ticketOf('job_a', 3), prompt: 'never' }));
    expect(parseTicket(wire)).toEqual({ kind: 'ticket', ticket: { jobId: 'job_a', ring: 3, v: 1 } });
  });

  it('has one id per bell', () => {
    expect(bullIdOf(ticketOf('job_a', 1))).toBe('job_a-1');
    expect(bullIdOf(ticketOf('job_a', 2))).not.toBe(bullIdOf(ticketOf('job_a', 1)));
  });

  it('of a newer version is told apart from garbage, whatever else it holds', () => {
    expect(parseTicket({ v: 2, job: 'elsewhere' })).toEqual({ kind: 'newer', version: 2 });
  });

  it.each([
    ['null', null],
    ['a string', 'job_a-1'],
    ['a list', [1]],
    ['no version', { jobId: 'job_a', ring: 1 }],
    ['version zero', { jobId: 'job_a', ring: 1, v: 0 }],
    ['no job', { ring: 1, v: 1 }],
    ['an empty job', { jobId: '', ring: 1, v: 1 }],
    ['a fractional ring', { jobId: 'job_a', ring: 1.5, v: 1 }],
    ['ring zero', { jobId: 'job_a', ring: 0, v: 1 }],
    ['a ring in letters', { jobId: 'job_a', ring: '1', v: 1 }],
  ])('with %s is garbage, and says why', (_name, data) => {
    expect(parseTicket(data)).toMatchObject({ kind: 'garbage', reason: expect.stringMatching(/./) });
  });

  it('travels in a queue whose name BullMQ accepts', () => {
    expect(queueNameOf('ollama_cloud')).toBe('longhaul.ollama_cloud');
    expect(queueNameOf('ollama_cloud')).not.toContain(':');
  });
});
