import { Severity } from './pattern';

/** One remark on a place, in the form that an audit asks for. */
export interface Finding {
  readonly file: string;
  readonly line: number;
  readonly quote: string;
  readonly title: string;
  readonly severity: Severity;
  readonly explanation: string;
}
