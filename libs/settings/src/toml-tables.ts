import { TableReader } from './table-reader';
import { isTable, TomlFile, TOP } from './toml-file';

/** The entries of the one array of tables that a file holds: `[[provider]]` or `[[model]]`. */
export function tablesOf(file: TomlFile, name: string): readonly TableReader[] {
  const top = new TableReader({ file, place: TOP, table: file.top });
  top.refuseUnknownKeys([name], `this file; it holds [[${name}]] blocks only`);
  const entries = file.top[name];
  if (entries === undefined) return [];
  if (!Array.isArray(entries))
    return top.failType(name, `blocks that start with [[${name}]], two brackets each`);
  return entries.map((table: unknown, index) =>
    isTable(table)
      ? new TableReader({ file, place: { table: name, index }, table })
      : top.failType(name, `blocks that start with [[${name}]]`),
  );
}
