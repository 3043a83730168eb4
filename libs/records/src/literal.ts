import { escapeLiteral } from 'pg';

/** A value within a text of several statements, which takes no parameters. */
export const literal = (value: string | number | undefined): string =>
  typeof value === 'number' ? String(value) : escapeLiteral(value ?? '');
