import { join } from 'node:path';
import { loadSettings } from '../load-settings';
import { renderConfigurationDoc } from './configuration-doc';
import { renderEnvExample } from './env-example';
import { renderErrorsDoc } from './errors-doc';
import { renderProvidersDoc } from './providers-doc';

/** A file that is written from the code, by its path from the repository's root. */
export interface GeneratedPage {
  readonly path: string;
  readonly content: string;
}

/** Every generated page, from the configuration that ships and an empty environment. */
export function generatedPages(root: string): readonly GeneratedPage[] {
  const settings = loadSettings({ env: {}, configDir: join(root, 'config'), cwd: root, homeDir: root });
  return [
    { path: 'docs/configuration.md', content: renderConfigurationDoc() },
    { path: 'docs/providers.md', content: renderProvidersDoc(settings) },
    { path: 'docs/errors.md', content: renderErrorsDoc(root) },
    { path: '.env.example', content: renderEnvExample(settings) },
  ];
}
