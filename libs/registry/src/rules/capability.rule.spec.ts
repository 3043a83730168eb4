import { Capability } from '@longhaul/contract';
import { Fixture, catalogueOf, entryNamed, model, need, provider, verdictOf } from '../registry.fixtures';
import { capability } from './capability.rule';

const FIXTURE: Fixture = {
  providers: [provider('glm'), provider('ollama', { acceptUnlistedModels: true })],
  models: [
    model('glm/seeing', { capabilities: ['vision', 'tools'] }),
    model('glm/plain'),
    model('glm/vectors', { capabilities: ['embeddings'] }),
  ],
};

describe('what a model can do', () => {
  it.each<[string, string, Capability[], string | null]>([
    ['is enough when nothing is needed', 'glm/plain', [], null],
    ['is enough when it has what is needed', 'glm/seeing', ['vision'], null],
    ['is enough when it has all of it', 'glm/seeing', ['tools', 'vision'], null],
    ['is not enough without one', 'glm/seeing', ['vision', 'json_mode'], 'glm/seeing lacks json_mode.'],
    ['names all that is missing', 'glm/plain', ['tools', 'vision'], 'glm/plain lacks tools, vision.'],
    [
      'is not a chat when it makes embeddings',
      'glm/vectors',
      [],
      'glm/vectors makes embeddings and answers no chat.',
    ],
    ['is embeddings when those are needed', 'glm/vectors', ['embeddings'], null],
    ['is taken to be there when the id is not listed', 'ollama/mine:7b', ['vision'], null],
  ])('%s', (_, ...[of, capabilities, sentence]) => {
    expect(verdictOf(capability, FIXTURE, { of, need: { capabilities } })).toBe(sentence);
  });

  it.each<[string, Capability[], string | null]>([
    ['ollama/mine:7b', [], null],
    [
      'ollama/mine:7b',
      ['tools', 'vision'],
      'Whether ollama/mine:7b has tools, vision is unknown, so it was taken to have it.',
    ],
    ['glm/seeing', ['vision'], null],
  ])('of %s that needs %j is worth a note only when it is not known', (name, capabilities, note) => {
    const entry = entryNamed(catalogueOf(FIXTURE), name);
    expect(capability.note!(entry, need({ capabilities }))).toBe(note);
  });
});
