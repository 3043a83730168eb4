import { join } from 'node:path';
import { loadSettings } from './load-settings';

const configDir = join(__dirname, '../../../config');

describe('the configuration that ships', () => {
  it('loads without a warning on a machine that has nothing set', () => {
    expect(loadSettings({ env: {}, configDir, homeDir: '/nonexistent' }).warnings).toEqual([]);
  });
});
