import fc from 'fast-check';
import { auditKind } from '../audit.kind';
import { estimateTokens, sizeOf, tokensOf } from '../estimate';
import { AUDIT_RULES, userMessage } from './prompt';
import { PromptParts, promptSize } from './prompt-size';
import { readSource } from './source';

const NONCE = '0'.repeat(16);

const builtPrompt = ({ instruction, files }: PromptParts): string =>
  AUDIT_RULES + userMessage({ instruction, files: files.map(readSource) }, NONCE);

/** Line ends in every order, byte order marks, halves of surrogate pairs, and characters of one to four bytes. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc
    .array(
      fc.constantFrom(
        '\n',
        '\r',
        '\r\n',
        '\uFEFF',
        '\ud83d',
        '\ude00',
        '\u{1F600}',
        'ä',
        '漢',
        'a',
        '\t',
        '\0',
      ),
      {
        maxLength: 60,
      },
    )
    .map((pieces) => pieces.join('')),
);
const parts = fc.record({
  instruction: text,
  files: fc.array(fc.record({ path: text, content: text }), { maxLength: 5 }),
});

const ofOne = (content: string): PromptParts => ({
  instruction: 'Find bugs.',
  files: [{ path: 'a', content }],
});

describe('the size of an audit prompt', () => {
  it('is that of the prompt which would be built, for any input', () => {
    fc.assert(
      fc.property(parts, (input) => {
        expect(promptSize(input, NONCE)).toEqual(sizeOf(builtPrompt(input)));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([0, 1, 2, 8, 9, 10, 11, 98, 99, 100, 101, 999, 1000, 9999, 10_000, 12_345, 99_999, 100_000])(
    'counts the digits of every line number, for %i lines',
    (lines) => {
      for (const input of [ofOne('\n'.repeat(lines)), ofOne(`${'x\r\n'.repeat(lines)}x`)]) {
        expect(promptSize(input, NONCE)).toEqual(sizeOf(builtPrompt(input)));
      }
    },
  );

  it('gives the estimate of the audit kind', () => {
    const kind = auditKind({ nonce: () => NONCE });
    const input = kind.parse(ofOne('\uFEFFconst a = "ä";\r\nconst b = 1;\n'.repeat(500)));
    expect(kind.need(input).inputTokens).toBe(estimateTokens(builtPrompt(input)));
    expect(tokensOf(promptSize(input, NONCE))).toBe(estimateTokens(builtPrompt(input)));
  });

  it('is found without cutting a file into lines', () => {
    const split = jest.spyOn(String.prototype, 'split');
    const kind = auditKind({ nonce: () => NONCE });
    const input = kind.parse(ofOne(`x${'\n'.repeat(100_000)}`));
    split.mockClear();
    kind.need(input);
    const longest = Math.max(0, ...split.mock.contexts.map((context) => String(context).length));
    split.mockRestore();
    expect(longest).toBeLessThan(1000);
  });
});
