import { ChatRequest } from '@longhaul/contract';
import { Means } from '../../fitted-request';

/** Gemini 2.5 and older are told a budget of thoughts, all later ones a level. */
const OLDER = /^gemini-[12](\.|-|$)/;
const KNOWN_TO_THINK = /^gemini-(2\.5|[3-9]|\d{2})(\.|-|$)/;

type Asked = Pick<ChatRequest, 'model' | 'traits'>;

export const isOlder = ({ model, traits }: Asked): boolean => {
  const control = traits?.reasoningControl;
  return control === 'budget' || (control !== 'effort' && OLDER.test(model));
};

/** Who does not think refuses to be told of thoughts. */
export const isThinking = ({ model, traits }: Asked): boolean => {
  const capabilities = traits?.capabilities ?? [];
  return capabilities.length > 0 ? capabilities.includes('reasoning') : KNOWN_TO_THINK.test(model);
};

/** Where the catalogue is silent, the efforts are those that every model of its kind takes. */
export const meansOf = (asked: Asked): Means => ({
  toolChoices: ['auto', 'none', 'required', 'named'],
  temperature: { kind: 'range', min: 0, max: 2 },
  jsonObject: true,
  jsonSchema: true,
  reasoningEfforts: isThinking(asked) ? ['low', 'medium', 'high'] : null,
  reasoningControl: isOlder(asked) ? 'budget' : 'effort',
  stops: { most: 5 },
});
