import { auditRequest, userMessage } from './prompt';
import { readSource } from './source';

const files = [
  readSource({ path: 'src/a.ts', content: '\uFEFFone\r\n\ttwo\n\nfour\n' }),
  readSource({ path: 'empty.ts', content: '' }),
];

describe('the audit prompt', () => {
  it('is the instruction, then every file with numbered lines between its fences', () => {
    expect(userMessage({ instruction: 'Find bugs.', files }, 'n0')).toBe(
      [
        'Find bugs.',
        '',
        '<<<FILE path="src/a.ts" nonce="n0">>>',
        '1\tone',
        '2\t\ttwo',
        '3\t',
        '4\tfour',
        '<<<END nonce="n0">>>',
        '<<<FILE path="empty.ts" nonce="n0">>>',
        '<<<END nonce="n0">>>',
      ].join('\n'),
    );
  });

  it('is one system and one user message, asks for JSON and carries the budget', () => {
    const request = auditRequest({ instruction: 'Find bugs.', files }, () => 'n0', 8000);
    expect(request.messages.map(({ role }) => role)).toEqual(['system', 'user']);
    expect(request).toMatchObject({ responseFormat: { kind: 'json_object' }, maxOutputTokens: 8000 });
    expect(request.messages[0]?.content).toContain('JSON');
  });

  it('takes another nonce when one stands in a file, a path or the instruction', () => {
    const nonces = ['four', 'empty', 'Find', 'fresh'];
    const request = auditRequest({ instruction: 'Find bugs.', files }, () => nonces.shift() ?? '', 8000);
    expect(request.messages[1]?.content).toContain('<<<END nonce="fresh">>>');
  });

  it('gives up when chance gives only nonces that stand in a file', () => {
    expect(() => auditRequest({ instruction: 'Find bugs.', files }, () => 'four', 8000)).toThrow('No nonce');
  });
});
