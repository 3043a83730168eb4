/** The jobs whose answers are held against the document. */
export const CHAT = {
  type: 'chat',
  model: 'sandbox/echo',
  input: { messages: [{ role: 'user', content: 'Hello' }] },
};
const FILES = [{ path: 'a.js', content: 'try { f() } catch {}\n' }];
export const AUDIT = {
  type: 'audit',
  model: 'sandbox/reviewer',
  input: { instruction: 'Find faults.', files: FILES },
};
export const LATER = { run_at: Math.floor(Date.now() / 1000) + 3600 };
export const NO_JOB = 'job_00000000000000000000000000';
