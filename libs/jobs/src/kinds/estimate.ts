/** The lowest bytes per token measured over 80 kB of source, so that the estimate errs on the safe side. */
const ASCII_BYTES_PER_TOKEN = 3.3;
const OTHER_BYTES_PER_TOKEN = 2;

/** The bytes of a text as UTF-8: those of ASCII, and those of all other characters. */
export interface TextSize {
  readonly asciiBytes: number;
  readonly otherBytes: number;
}

export function sizeOf(text: string): TextSize {
  const bytes = Buffer.byteLength(text);
  // Only ASCII takes a byte for each code unit, and most of what comes is nothing else.
  if (bytes === text.length) return { asciiBytes: bytes, otherBytes: 0 };
  let asciiBytes = 0;
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x80) asciiBytes++;
  return { asciiBytes, otherBytes: bytes - asciiBytes };
}

/** Tokens of a text of this size, without a tokenizer: those take seconds of event loop on repeated characters. */
export const tokensOf = ({ asciiBytes, otherBytes }: TextSize): number =>
  Math.ceil(asciiBytes / ASCII_BYTES_PER_TOKEN + otherBytes / OTHER_BYTES_PER_TOKEN);

/** The same of the text itself. */
export const estimateTokens = (text: string): number => tokensOf(sizeOf(text));
