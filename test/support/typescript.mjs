/** Lets a plain Node process of the tests load the sources: `loadTypeScript()('libs/queue/src/index.ts')`. */
import { transformFileSync } from '@swc/core';
import Module, { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

export function loadTypeScript() {
  const require = createRequire(path.join(root, 'package.json'));
  const resolve = Module._resolveFilename;
  Module._resolveFilename = (request, ...rest) =>
    resolve(request.replace(/^@longhaul\/(\w+)$/, `${root}/libs/$1/src/index.ts`), ...rest);
  Module._extensions['.ts'] = (module, file) => {
    const parser = { syntax: 'typescript', decorators: true };
    const transform = { legacyDecorator: true, decoratorMetadata: true };
    const { code } = transformFileSync(file, {
      jsc: { parser, transform, target: 'es2022' },
      module: { type: 'commonjs' },
    });
    module._compile(code, file);
  };
  require('reflect-metadata');
  return (file) => require(`./${file}`);
}
