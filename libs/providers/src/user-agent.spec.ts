import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findVersion, USER_AGENT } from './user-agent';

describe('the user agent', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'longhaul-version-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('names Longhaul and its version', () => {
    const { version } = jest.requireActual<{ version: string }>('../../../package.json');
    expect(USER_AGENT).toBe(`longhaul/${version}`);
  });

  it('finds the version from deep inside dist, past the manifests of others', () => {
    const deep = join(folder, 'dist', 'apps', 'api', 'libs', 'providers', 'src');
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(folder, 'package.json'), '{"name":"longhaul","version":"7.8.9"}');
    writeFileSync(join(folder, 'dist', 'package.json'), '{"type":"commonjs"}');
    writeFileSync(join(folder, 'dist', 'apps', 'package.json'), 'no JSON');
    expect(findVersion(deep)).toBe('7.8.9');
  });

  it('still has a word when there is no manifest', () => {
    expect(findVersion(folder)).toBe('unknown');
  });
});
