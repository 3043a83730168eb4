import * as ts from 'typescript';
import { sourceFiles } from './source-files';

/** A lock of rows, and the `DO UPDATE` of an upsert, are no statement of their own. */
const WRITES = /\b(?:INSERT INTO|DELETE FROM|(?<!FOR |KEY |DO )UPDATE)\s/;

interface Place {
  readonly file: ts.SourceFile;
  readonly node: ts.Node;
}

const files = sourceFiles()
  .filter(({ path }) => path.startsWith('libs/records/src/') && !path.endsWith('.spec.ts'))
  .map(({ path, text }) => ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => {
    visit(child, see);
  });
}

/** What a file names at its top: `const NAME = …`. */
const constantsOf = (file: ts.SourceFile): Map<string, Place> =>
  new Map(
    file.statements
      .filter(ts.isVariableStatement)
      .flatMap(({ declarationList }) =>
        declarationList.declarations.flatMap(({ name, initializer }) =>
          initializer === undefined ? [] : [[name.getText(file), { file, node: initializer }] as const],
        ),
      ),
  );

const constants = new Map(files.map((file) => [file, constantsOf(file)]));

/** Its own file first: of other files' names an import has to speak. */
function meant(name: string, file: ts.SourceFile): Place | undefined {
  const own = constants.get(file)?.get(name);
  if (own !== undefined || !new RegExp(`import [^;]*\\b${name}\\b`).test(file.text)) return own;
  return files.map((other) => constants.get(other)?.get(name)).find((place) => place !== undefined);
}

const isText = (node: ts.Node): node is ts.LiteralLikeNode =>
  ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);

/** The pieces of text that an expression is put together of, with those of the constants that it names. */
function piecesOf({ file, node }: Place, seen = new Set<ts.Node>()): ts.LiteralLikeNode[] {
  if (seen.has(node)) return [];
  seen.add(node);
  const pieces: ts.LiteralLikeNode[] = [];
  visit(node, (inner) => {
    if (isText(inner)) pieces.push(inner);
    const place = ts.isIdentifier(inner) ? meant(inner.text, file) : undefined;
    if (place !== undefined) pieces.push(...piecesOf(place, seen));
  });
  return pieces;
}

const valueOf = (node: ts.ObjectLiteralExpression, key: string): ts.Expression | undefined =>
  node.properties.filter(ts.isPropertyAssignment).find(({ name }) => name.getText() === key)?.initializer;

/** Every `{ name: '…', text: … }` of the library. */
function statements(): { readonly name: string; readonly pieces: readonly ts.LiteralLikeNode[] }[] {
  const found: { name: string; pieces: ts.LiteralLikeNode[] }[] = [];
  for (const file of files)
    visit(file, (node) => {
      if (!ts.isObjectLiteralExpression(node)) return;
      const [name, text] = [valueOf(node, 'name'), valueOf(node, 'text')];
      if (name === undefined || text === undefined || !ts.isStringLiteral(name)) return;
      found.push({ name: name.text, pieces: piecesOf({ file, node: text }) });
    });
  return found;
}

const writes = ({ text }: ts.LiteralLikeNode): boolean => WRITES.test(text);

/**
 * Statements of libs/records with INSERT, UPDATE or DELETE. `nameless`: where something is written that belongs to no
 * statement with a name.
 */
export function writingStatements(): { readonly names: string[]; readonly nameless: string[] } {
  const all = statements();
  const named = new Set<ts.Node>(all.flatMap(({ pieces }) => pieces));
  const nameless: string[] = [];
  for (const file of files)
    visit(file, (node) => {
      if (isText(node) && writes(node) && !named.has(node))
        nameless.push(`${file.fileName}: ${node.text.trim().slice(0, 60)}`);
    });
  return { names: all.filter(({ pieces }) => pieces.some(writes)).map(({ name }) => name), nameless };
}
