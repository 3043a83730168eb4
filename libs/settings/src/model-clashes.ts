import { ModelSettings } from './settings';
import { TableReader } from './table-reader';

/** A row that still knows its lines. */
export interface ModelRow {
  readonly reader: TableReader;
  readonly model: ModelSettings;
}

/** Refuses rows that claim the same name, and successors that are nowhere. */
export function refuseModelClashes(rows: readonly ModelRow[]): void {
  refuseSameIds(rows);
  refuseSameAliases(rows);
  refuseLostSuccessors(rows);
}

function refuseSameIds(rows: readonly ModelRow[]): void {
  const seen = new Map<string, ModelRow>();
  for (const row of rows) {
    const name = `${row.model.provider}/${row.model.id}`;
    const first = seen.get(name.toLowerCase());
    if (first !== undefined) {
      row.reader.fail(
        'id',
        `the model "${name}" stands twice, first in line ${first.reader.lineOf('id')}`,
        'Delete one of the two rows',
      );
    }
    seen.set(name.toLowerCase(), row);
  }
}

/** An alias means one model: it may be neither another row's alias nor an id of its own provider. */
function refuseSameAliases(rows: readonly ModelRow[]): void {
  const owners = new Map<string, ModelRow>();
  const ids = new Set(rows.map(({ model }) => `${model.provider}/${model.id}`.toLowerCase()));
  for (const row of rows) {
    for (const alias of row.model.aliases) {
      const owner = owners.get(alias.toLowerCase());
      const isId = ids.has(`${row.model.provider}/${alias}`.toLowerCase());
      if (owner !== undefined || isId) {
        const other = owner === undefined ? 'an id of the same provider' : `an alias of "${owner.model.id}"`;
        row.reader.fail(
          'aliases',
          `the alias "${alias}" of "${row.model.id}" is already ${other}`,
          'Delete it in one of the two places',
        );
      }
      owners.set(alias.toLowerCase(), row);
    }
  }
}

function refuseLostSuccessors(rows: readonly ModelRow[]): void {
  const names = new Set(rows.map(({ model }) => `${model.provider}/${model.id}`));
  for (const { model, reader } of rows) {
    if (model.successor === null) continue;
    if (names.has(`${model.provider}/${model.successor}`) || names.has(model.successor)) continue;
    reader.fail(
      'successor',
      `the successor "${model.successor}" of "${model.id}" is not in the catalogue`,
      'Write an id of the same provider, or provider/id',
    );
  }
}
