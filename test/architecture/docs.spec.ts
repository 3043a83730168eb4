import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { metricsPages } from '@longhaul/metrics';
import { routingPages } from '@longhaul/registry';
import { generatedPages } from '@longhaul/settings';

const root = join(__dirname, '../..');

describe('the generated pages', () => {
  it.each([...generatedPages(root), ...metricsPages(), ...routingPages(root)])(
    '$path says what the code says; `npm run docs` writes it anew',
    (page) => {
      const file = join(root, page.path);
      expect(existsSync(file) ? readFileSync(file, 'utf8') : 'no such file').toBe(page.content);
    },
  );
});
