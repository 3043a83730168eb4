import { CRASH_POINTS } from '@longhaul/contract';
import { ConfigFolder, providerBlock } from './config-folder.fixtures';

const folder = new ConfigFolder();
beforeAll(() => folder.write('providers.toml', providerBlock('acme')));
afterAll(() => folder.remove());

const load = (word: string) => folder.load({ LONGHAUL_CRASH_POINT: word });

describe('LONGHAUL_CRASH_POINT', () => {
  it('is unset where nobody has set it, and then nothing is said of it', () => {
    for (const settings of [folder.load(), load('')]) {
      expect(settings.crashPoint).toBeNull();
      expect(settings.warnings.join()).not.toContain('CRASH');
    }
  });

  it.each(CRASH_POINTS)('arms %s, and the boot says so', (point) => {
    const { crashPoint, warnings } = load(`${point}:kill`);
    expect(crashPoint).toEqual({ point, mode: 'kill', visit: 1 });
    expect(warnings.filter((sentence) => sentence.includes('LONGHAUL_CRASH_POINT'))).toHaveLength(1);
  });

  it('may name the visit', () => {
    expect(load('after:claim:timeout:3').crashPoint).toEqual({
      ...{ point: 'after:claim', mode: 'timeout', visit: 3 },
    });
  });

  it.each([
    ['after:setle:kill', 'names no crash point. Did you mean after:settle? Or unset it'],
    ['kill', 'names no crash point. docs/guarantees.md lists them; or unset it'],
    ['after:claim', 'names no crash point'],
    ['after:claim:kill:0', 'names no crash point'],
    ['after:claim:burn', 'names no mode of after:claim. Did you mean kill or stop or timeout?'],
    ['before:claim:timeout', 'names no mode of before:claim. Did you mean kill or stop?'],
  ])('stops the boot with what is near: %s', (word, words) => {
    expect(() => load(word)).toThrow(`LONGHAUL_CRASH_POINT ${words}`);
  });

  it('is none of the settings that are listed', () => {
    const names = load('after:claim:kill').effective.map(({ name }) => name);
    expect(names.filter((name) => name.includes('CRASH'))).toEqual([]);
  });
});
