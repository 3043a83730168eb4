import fc from 'fast-check';
import { codeCell, codeSpan, escapeText, fencedBlock, showInvisible } from './markdown';

describe('escapeText', () => {
  it.each([
    ['plain words, a_name and 1.5 (more)', 'plain words, a_name and 1.5 (more)'],
    ['<b>&lt;</b> && x', '&lt;b&gt;&amp;lt;&lt;/b&gt; && x'],
    ['![i](http://x/y) [r]: z', '!\\[i\\]\\(http\\://x/y) \\[r\\]: z'],
    ['*b* _i_ `c` ~~s~~ |', '\\*b\\* \\_i\\_ \\`c\\` \\~\\~s\\~\\~ \\|'],
    ['https://evil.example www.evil.example', 'https\\://evil.example www\\.evil.example'],
    ['mail me@evil.example', 'mail me@\u200Bevil.example'],
    ['# head\n- item\n\n> quote', '\\# head - item &gt; quote'],
    ['- item', '\\- item'],
    ['1. item', '1\\. item'],
    ['::error file=a::x', '\\::error file=a::x'],
    ['red \u001b[31m', 'red \\\\u\\{001b\\}\\[31m'],
  ])('makes %j inert', (text, escaped) => expect(escapeText(text)).toBe(escaped));

  it('leaves no start of HTML and no link in any text', () => {
    const hostile = fc.array(
      fc.constantFrom('<script', '](http', '[', ']', '(', '<', '!', '\\', '`', '://', 'a', '\n', '&', ' '),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary' }),
          hostile.map((parts) => parts.join('')),
        ),
        (text) => {
          const escaped = escapeText(text);
          expect(escaped).not.toMatch(/[<>\n]|\]\(/);
          // Every bracket and backtick has an odd number of backslashes before it.
          for (const [, slashes = ''] of escaped.matchAll(/(\\*)[[\]`*|]/g))
            expect(slashes.length % 2).toBe(1);
        },
      ),
    );
  });
});

describe('code', () => {
  it('stands in more backticks than it has inside', () => {
    expect(codeSpan('src/a.ts:1')).toBe('`src/a.ts:1`');
    expect(codeSpan('a`b``c')).toBe('```a`b``c```');
    expect(codeSpan('`a`')).toBe('`` `a` ``');
    expect(codeCell('a|b')).toBe('`a\\|b`');
    expect(fencedBlock('a')).toBe('```\na\n```');
    expect(fencedBlock('````js\nx\n````')).toBe('`````\n````js\nx\n````\n`````');
  });
});

describe('showInvisible', () => {
  it('shows what steers terminals and hides text, and keeps tabs, line ends and letters', () => {
    expect(showInvisible('a\tb\nc ä 漢 \u{1F600}')).toBe('a\tb\nc ä 漢 \u{1F600}');
    expect(showInvisible('\u001b[0m\u202e\u200b\r\u2028')).toBe(
      '\\u{001b}[0m\\u{202e}\\u{200b}\\u{000d}\\u{2028}',
    );
  });
});
