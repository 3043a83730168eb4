import { JsonSchema, schemaOf } from '@longhaul/contract';
import { JOB_KINDS } from '@longhaul/jobs';
import { ChatDto } from '../../chat/chat.dto';
import { BulkDto, BulkJobDto } from '../../jobs/bulk.dto';
import { CreateJobDto } from '../../jobs/create-job.dto';
import { RetryJobDto } from '../../jobs/retry-job.dto';
import { ExplainDto } from '../../registry/explain.dto';
import { ModelNameDto } from '../../registry/model-name.dto';
import { oneOf, ref } from './view';

/** `chat` → `ChatInput`. */
const inputName = (type: string): string =>
  `${type.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())}Input`;

/** `input` by job type, each from the class that checks it. */
export const INPUTS: Readonly<Record<string, JsonSchema>> = Object.fromEntries(
  JOB_KINDS.map(({ type, description, inputShape }) => [
    inputName(type),
    { ...schemaOf(inputShape), description: `\`input\` of the type \`${type}\`. ${description}` },
  ]),
);

/** A job as it is submitted: what the class checks, and what each type makes of `type` and `input`. */
export const NEW_JOB: JsonSchema = newJob(schemaOf(CreateJobDto));

/** One job of a list, and the list. */
export const NEW_BULK_JOB: JsonSchema = newJob(schemaOf(BulkJobDto));
export const NEW_BULK: JsonSchema = bulk(schemaOf(BulkDto));

/** The question of an explanation: a job, and what is to be assumed. */
export const ROUTE_QUESTION: JsonSchema = newJob(schemaOf(ExplainDto));

/** What a repeat may change. */
export const JOB_RETRY: JsonSchema = schemaOf(RetryJobDto);

export const NEW_CHAT: JsonSchema = schemaOf(ChatDto);

/** Which model to load or unload. */
export const MODEL_NAME: JsonSchema = schemaOf(ModelNameDto);

function bulk(schema: JsonSchema): JsonSchema {
  const { jobs } = schema.properties as Record<string, JsonSchema>;
  return { ...schema, properties: { jobs: { ...jobs, items: ref('NewBulkJob') } } };
}

function newJob(schema: JsonSchema): JsonSchema {
  const { type, input, ...rest } = schema.properties as Record<string, JsonSchema>;
  return {
    ...schema,
    properties: {
      type: { ...oneOf(JOB_KINDS.map((kind) => kind.type)), description: type?.description },
      input: {
        anyOf: JOB_KINDS.map((kind) => ref(inputName(kind.type))),
        description: input?.description,
      },
      ...rest,
    },
  };
}
