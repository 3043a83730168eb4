/** Lets plain-node scripts `require` the sources in libs/: swc compiles each .ts file as it is loaded. */
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { transformSync } from '@swc/core';
import { ROOT } from './system/paths.mjs';

const require = createRequire(import.meta.url);

/** Requires one library by its name, e.g. `settings`. */
export function requireLibrary(name) {
  register();
  return require(path.join(ROOT, 'libs', name, 'src'));
}

function register() {
  if (Module._extensions['.ts']) return;
  Module._extensions['.ts'] = (module, filename) => {
    const { code } = transformSync(readFileSync(filename, 'utf8'), { filename, cwd: ROOT });
    module._compile(code, filename);
  };
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = function resolve(request, ...rest) {
    const library = /^@longhaul\/(.+)$/.exec(request)?.[1];
    const target = library === undefined ? request : path.join(ROOT, 'libs', library, 'src');
    return resolveFilename.call(this, target, ...rest);
  };
}
