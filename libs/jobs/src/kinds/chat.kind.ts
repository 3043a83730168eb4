import { refuseSilence } from './answer';
import { ChatInput, parseChatInput } from './chat/input';
import { resultOf } from './chat/output';
import { requestOf } from './chat/request';
import { needOf } from './chat/size';
import { JobKind } from './kind';

export const chatKind: JobKind<ChatInput> = {
  type: 'chat',
  payloadVersion: 1,
  description:
    'Messages in (text, images, tool results), one answer out: the structured message with its tool calls, and the flat text.',
  inputShape: ChatInput,
  parse: parseChatInput,
  need: needOf,

  async run(input, context) {
    context.progress('waiting for the answer');
    const answer = await context.call(requestOf(input));
    refuseSilence(answer);
    return resultOf(answer);
  },
};
