/** The lowest bytes per token measured over 80 kB of source, so that the estimate errs on the safe side. */
const ASCII_BYTES_PER_TOKEN = 3.3;
const OTHER_BYTES_PER_TOKEN = 2;

/** Tokens of a text, without a tokenizer: those take seconds of event loop on repeated characters. */
export function estimateTokens(text: string): number {
  let asciiBytes = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x80) asciiBytes++;
  const otherBytes = Buffer.byteLength(text) - asciiBytes;
  return Math.ceil(asciiBytes / ASCII_BYTES_PER_TOKEN + otherBytes / OTHER_BYTES_PER_TOKEN);
}
