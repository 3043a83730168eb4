import { ChatMessage, ImagePart } from '@longhaul/contract';
import { fittedDetail } from './fitted-detail';
import { fit } from './fitted-request.fixtures';

const image: ImagePart = { type: 'image', image: { kind: 'url', url: 'https://a.example/b.png' } };
const shown = (...content: ImagePart[]): ChatMessage => ({ role: 'user', content });

describe('how closely a model shall look at an image, where nobody can be told', () => {
  it.each(['low', 'high'] as const)('is left out and told: %s', (detail) => {
    const { messages, notes } = fittedDetail([shown({ ...image, detail }, image)]);
    expect(messages).toEqual([shown(image, image)]);
    expect(notes).toEqual([expect.stringContaining('detail of images was left out')]);
  });

  it('is left out without a word when it is auto: that is what happens anyway', () =>
    expect(fittedDetail([shown({ ...image, detail: 'auto' })])).toEqual({
      messages: [shown(image)],
      notes: [],
    }));

  it('leaves messages without it as they are', () => {
    const messages: ChatMessage[] = [{ role: 'user', content: 'Hi' }, shown(image)];
    expect(fittedDetail(messages).messages).toBe(messages);
  });

  it('is left out of the whole request as well', () => {
    const { request, adjustments } = fit({ messages: [shown({ ...image, detail: 'high' })] });
    expect(request.messages).toEqual([shown(image)]);
    expect(adjustments).toHaveLength(1);
  });
});
