import { ErrorCode, JsonSchema } from '@longhaul/contract';
import { HeaderName } from './headers';

export const GROUPS = [
  'Jobs',
  'Chat',
  'Models and providers',
  'Configuration',
  'Operation',
  'Documents',
] as const;
/** The chapters of the documents, in order. */
export type Group = (typeof GROUPS)[number];

export interface ParameterDoc {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  /** Backticks mark code, in this and in every other text of the documents. */
  readonly description: string;
  readonly schema: JsonSchema;
  /** Given as `name[key]=value`, once per member. */
  readonly isDeep?: boolean;
  /** A variable of the path that may hold slashes. */
  readonly isRestOfPath?: boolean;
}

export interface BodyDoc {
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
}

export interface AnswerDoc {
  readonly status: number;
  readonly description: string;
  readonly headers?: readonly HeaderName[];
  /** Media type; `application/json` when absent. */
  readonly type?: string;
  /** Absent = the answer has no body. */
  readonly schema?: JsonSchema;
  readonly example?: unknown;
}

/** What an example of the shell is written with. */
export interface ExampleWords {
  /** `http://127.0.0.1:3000` */
  readonly api: string;
  /** `curl -s`, with the key where keys are configured. */
  readonly curl: string;
  /** Model strings that answer here. */
  readonly chatModel: string;
  readonly auditModel: string;
}

export interface ExampleDoc {
  /** Lines for a shell; variables come from the examples of the routes before it. */
  readonly shell: (words: ExampleWords) => string;
  /** What each of its calls answers. */
  readonly statuses: readonly number[];
}

/** All that is told about one route. Its scope stands in ROUTE_SCOPES. */
export interface RouteDoc {
  /** Unique; clients that are generated name their methods by it. */
  readonly id: string;
  readonly group: Group;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** With `{id}` for what varies. */
  readonly path: string;
  readonly summary: string;
  readonly description: readonly string[];
  readonly parameters?: readonly ParameterDoc[];
  readonly body?: BodyDoc;
  readonly answers: readonly AnswerDoc[];
  /** Codes of this route; those that every route of its sort may answer are added by `errorsOf`. */
  readonly errors?: readonly ErrorCode[];
  /** Headers that its errors may carry beside the usual ones. */
  readonly errorHeaders?: readonly HeaderName[];
  readonly example: ExampleDoc;
}
