import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import { ROOT } from '../../../scripts/system/paths.mjs';

const COPIED = ['apps', 'libs', 'config', 'dist', 'package.json', 'tsconfig.json'];
const BUILT = ['api', 'worker'];
const FILE = /^\+\+\+ b\/(.+)$/gm;

/** A copy of the checkout as it is built, for one defect at a time. */
export class Scratch {
  constructor() {
    this.root = mkdtempSync(path.join(os.tmpdir(), 'longhaul-sabotage-'));
    for (const name of COPIED) cpSync(path.join(ROOT, name), path.join(this.root, name), { recursive: true });
    symlinkSync(path.join(ROOT, 'node_modules'), path.join(this.root, 'node_modules'));
    const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), ts.sys.readFile);
    this.compilerOptions = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options;
  }

  /** Does `work` with the defect in place. Throws what git says of a patch that does not apply. */
  async with({ file }, work) {
    const sources = [...readFileSync(file, 'utf8').matchAll(FILE)].map(([, source]) => source);
    this.#apply(file);
    try {
      for (const source of sources) this.#compile(source);
      return await work();
    } finally {
      this.#apply(file, '--reverse');
      for (const source of sources) this.#compile(source);
    }
  }

  #apply(file, ...words) {
    // Nobody's repository: a scratch below one would be taken for a part of it.
    const env = { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(this.root) };
    const applied = spawnSync('git', ['apply', ...words, file], { cwd: this.root, env, encoding: 'utf8' });
    if (applied.status !== 0) throw new Error(applied.stderr.trim());
  }

  /** Only what has changed, without asking for types: as Nest's builder writes it, with the aliases as paths. */
  #compile(source) {
    const text = readFileSync(path.join(this.root, source), 'utf8');
    const { outputText } = ts.transpileModule(text, {
      fileName: source,
      compilerOptions: { ...this.compilerOptions, sourceMap: false },
    });
    const up = '../'.repeat(source.split('/').length - 1);
    const code = outputText.replace(/require\("@longhaul\/(\w+)"\)/g, `require("${up}libs/$1/src")`);
    for (const app of BUILT)
      writeFileSync(path.join(this.root, 'dist/apps', app, source.replace(/\.ts$/, '.js')), code);
  }

  close() {
    rmSync(this.root, { recursive: true, force: true });
  }
}
