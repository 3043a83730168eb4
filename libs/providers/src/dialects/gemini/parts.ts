import { ChatMessage, ContentPart, ImageSource } from '@longhaul/contract';
import { JsonObject } from '../../json';

const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
};

/** By the end of its path; undefined where that does not tell. */
function imageTypeOf(url: string): string | undefined {
  const path = URL.canParse(url) ? new URL(url).pathname : '';
  return IMAGE_TYPES[/\.([a-z]{3,4})$/i.exec(path)?.[1]?.toLowerCase() ?? ''];
}

function imagePart(image: ImageSource): JsonObject {
  if (image.kind === 'base64') return { inlineData: { mimeType: image.mediaType, data: image.data } };
  const mimeType = imageTypeOf(image.url);
  return { fileData: { ...(mimeType === undefined ? {} : { mimeType }), fileUri: image.url } };
}

const partOf = (part: ContentPart): JsonObject =>
  part.type === 'text' ? { text: part.text } : imagePart(part.image);

const listed = (content: ChatMessage['content']): readonly ContentPart[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

/** What a message says, without its calls. */
export const partsOf = ({ content }: ChatMessage): readonly JsonObject[] =>
  listed(content)
    .filter((part) => part.type !== 'text' || part.text !== '')
    .map(partOf);

export const textOf = ({ content }: ChatMessage): string =>
  listed(content)
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('');

export const imagesOf = ({ content }: ChatMessage): readonly JsonObject[] =>
  listed(content)
    .filter((part) => part.type === 'image')
    .map(partOf);

/** The type is optional on the wire, and Google looks at the image itself; a wrong guess would be refused. */
export function imageNotes(messages: readonly ChatMessage[]): readonly string[] {
  const untold = messages
    .flatMap(({ content }) => listed(content))
    .filter(
      (part) =>
        part.type === 'image' && part.image.kind === 'url' && imageTypeOf(part.image.url) === undefined,
    ).length;
  return untold === 0
    ? []
    : [
        `${String(untold)} image URL${untold === 1 ? '' : 's'} went out without a media type: the URL does not tell it.`,
      ];
}

/** Instructions are text alone. */
export function instructionNotes(instructions: readonly ChatMessage[]): readonly string[] {
  const images = instructions.flatMap(imagesOf).length;
  return images === 0
    ? []
    : [
        `${String(images)} image${images === 1 ? ' of a system message was' : 's of system messages were'} left out: Gemini takes none there.`,
      ];
}
