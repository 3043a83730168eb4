import { Html, markup, NOTHING } from './html';

export interface Row {
  /** Anchor of the row. */
  readonly id?: string;
  /** The first names the row. */
  readonly cells: readonly Html[];
}

/** A table that turns into blocks on a phone. Its first column names the rows. */
export function tableOf(head: readonly string[], rows: readonly Row[]): Html {
  if (rows.length === 0) return NOTHING;
  const heads = head.map((text) => markup`<th scope="col">${text}</th>`);
  return markup`<table class="stacked">
<thead><tr>${heads}</tr></thead>
<tbody>
${rows.map(rowOf)}</tbody>
</table>
`;
}

function rowOf({ id, cells }: Row): Html {
  const [first = NOTHING, ...rest] = cells;
  const anchor = id === undefined ? NOTHING : markup` id="${id}"`;
  return markup`<tr${anchor}><th scope="row">${first}</th>${rest.map((cell) => markup`<td>${cell}</td>`)}</tr>
`;
}
