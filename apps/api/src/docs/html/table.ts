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
${rows.map((row) => rowOf(row, head))}</tbody>
</table>
`;
}

/** The labels stand beside the cells where there is no room for the head. A meaning needs none. */
function rowOf({ id, cells }: Row, head: readonly string[]): Html {
  const [first = NOTHING, ...rest] = cells;
  const anchor = id === undefined ? NOTHING : markup` id="${id}"`;
  return markup`<tr${anchor}><th scope="row">${first}</th>${rest.map((cell, index) => markup`<td${labelOf(head[index + 1])}>${cell}</td>`)}</tr>
`;
}

const labelOf = (label = ''): Html =>
  label === '' || label === 'Meaning' ? NOTHING : markup` data-label="${label}"`;
