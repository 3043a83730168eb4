import { JsonSchema } from '@longhaul/contract';
import { Html, markup, NOTHING, prose } from './html';
import { isSchema, referredName, takesNull, withoutNull, wordsOfSchema } from './schema-words';
import { Row, tableOf } from './table';

interface Field {
  /** `messages[].role` */
  readonly path: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

/** The fields of a request, those inside of others included. */
export const requestTable = (schema: JsonSchema): Html =>
  tableOf(
    ['Field', 'Takes', 'Meaning'],
    fieldsOf(schema, '').map(({ path, schema: field, isRequired }) =>
      rowOf(path, field, isRequired ? markup` <strong>required</strong>` : NOTHING),
    ),
  );

/** The fields of an answer. */
export const answerTable = (schema: JsonSchema): Html =>
  tableOf(
    ['Field', 'Holds', 'Meaning'],
    fieldsOf(schema, '').map(({ path, schema: field, isRequired }) =>
      rowOf(
        path,
        field,
        markup`${takesNull(field) ? markup` or <code>null</code>` : NOTHING}${isRequired ? NOTHING : markup` (not always there)`}`,
      ),
    ),
  );

function rowOf(path: string, schema: JsonSchema, more: Html): Row {
  const { description } = schema;
  return {
    cells: [
      markup`<code>${path}</code>`,
      markup`${wordsOfSchema(schema)}${more}`,
      prose(typeof description === 'string' ? description : ''),
    ],
  };
}

/** Named schemas have a table of their own, so the walk ends at them. */
function fieldsOf(schema: JsonSchema, parent: string): Field[] {
  const required = Array.isArray(schema.required) ? (schema.required as unknown[]) : [];
  const properties = isSchema(schema.properties) ? Object.entries(schema.properties) : [];
  return properties.flatMap(([name, property]) => {
    if (!isSchema(property)) return [];
    const path = `${parent}${name}`;
    const own = { path, schema: property, isRequired: required.includes(name) };
    return [own, ...innerFieldsOf(property, path)];
  });
}

function innerFieldsOf(schema: JsonSchema, path: string): Field[] {
  const inner = withoutNull(schema);
  if (referredName(inner) !== null) return [];
  if (isSchema(inner.items)) return innerFieldsOf(inner.items, `${path}[]`);
  return fieldsOf(inner, `${path}.`);
}
