import { JsonSchema } from '@longhaul/contract';
import { ATTEMPT } from './attempt.schema';
import { CHAT_COMPLETION } from './chat.schema';
import { CANDIDATE, DECISION } from './decision.schema';
import { JOB_EVENT } from './event.schema';
import { JOB } from './job.schema';
import {
  CONFIG_CHANGE,
  CONFIG_EFFECTIVE,
  CONFIG_HISTORY,
  CONFIG_ROLLBACK,
  CONFIG_VERSION,
  REGISTRY_RELOAD,
  REGISTRY_SNAPSHOT,
  RELOAD_REPORT,
} from './config.schema';
import { BULK_OUTCOMES } from './bulk.schema';
import { EVENT_LIST, JOB_PAGE } from './list.schema';
import { OUTPUTS } from './output.schema';
import { PROBLEM } from './problem.schema';
import { LOADED, PING, PROVIDER_CAPABILITIES } from './provider-check.schema';
import { MODEL, PROVIDER, ROUTE_EXPLANATION } from './registry.schema';
import {
  INPUTS,
  JOB_RETRY,
  MODEL_NAME,
  NEW_BULK,
  NEW_BULK_JOB,
  NEW_CHAT,
  NEW_JOB,
  ROUTE_QUESTION,
} from './request.schema';
import { STATUS } from './status.schema';
import { USAGE } from './usage.schema';

/** Every schema that others refer to by name. */
export const SCHEMAS: Readonly<Record<string, JsonSchema>> = {
  NewJob: NEW_JOB,
  NewBulkJob: NEW_BULK_JOB,
  NewBulk: NEW_BULK,
  BulkOutcomes: BULK_OUTCOMES,
  RouteQuestion: ROUTE_QUESTION,
  ModelName: MODEL_NAME,
  ...INPUTS,
  JobRetry: JOB_RETRY,
  NewChat: NEW_CHAT,
  ChatCompletion: CHAT_COMPLETION,
  Job: JOB,
  ...Object.fromEntries(Object.values(OUTPUTS).map(({ name, schema }) => [name, schema])),
  Usage: USAGE,
  JobPage: JOB_PAGE,
  Attempt: ATTEMPT,
  JobEvent: JOB_EVENT,
  EventList: EVENT_LIST,
  Decision: DECISION,
  Candidate: CANDIDATE,
  RouteExplanation: ROUTE_EXPLANATION,
  Model: MODEL,
  Provider: PROVIDER,
  ProviderCapabilities: PROVIDER_CAPABILITIES,
  ProviderPing: PING,
  LoadedModel: LOADED,
  EffectiveConfig: CONFIG_EFFECTIVE,
  ConfigChange: CONFIG_CHANGE,
  ConfigVersion: CONFIG_VERSION,
  ConfigHistory: CONFIG_HISTORY,
  ConfigRollback: CONFIG_ROLLBACK,
  RegistryReload: REGISTRY_RELOAD,
  RegistryReloadReport: RELOAD_REPORT,
  RegistrySnapshot: REGISTRY_SNAPSHOT,
  Status: STATUS,
  Problem: PROBLEM,
};
