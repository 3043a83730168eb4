import { RouteDoc } from '../route-doc';
import { SUBMIT_JOBS } from './bulk.routes';
import { CHAT } from './chat.routes';
import {
  CHANGE_CONFIG,
  GET_CONFIG_VERSION,
  GET_EFFECTIVE_CONFIG,
  GET_REGISTRY_SNAPSHOT,
  LIST_CONFIG_VERSIONS,
  RELOAD_REGISTRY,
  ROLL_BACK_CONFIG,
} from './config.routes';
import { GET_DOCS, GET_ERROR_DOCS, GET_OPENAPI } from './documents.routes';
import { LIST_JOBS } from './job-list.routes';
import { GET_JOB, GET_OUTPUT, GET_REPORT, LIST_ATTEMPTS, LIST_EVENTS } from './job-reading.routes';
import { CANCEL_JOB, DELETE_JOB, RETRY_JOB, SUBMIT_JOB } from './job-writing.routes';
import { LOAD_MODEL, UNLOAD_MODEL } from './model-loading.routes';
import { GET_HEALTH, GET_METRICS, GET_READINESS, GET_STATUS } from './operation.routes';
import {
  EXPLAIN_ROUTE,
  GET_CAPABILITIES,
  GET_MODEL,
  GET_PROVIDER,
  LIST_MODELS,
  LIST_PROVIDERS,
  PING_PROVIDER,
} from './registry.routes';

/**
 * Every route of the API, in the order in which people read of it and in which the examples run: a variable that one
 * example sets stands in later ones.
 */
export const ROUTES: readonly RouteDoc[] = [
  SUBMIT_JOB,
  SUBMIT_JOBS,
  GET_JOB,
  LIST_JOBS,
  LIST_EVENTS,
  LIST_ATTEMPTS,
  GET_OUTPUT,
  GET_REPORT,
  RETRY_JOB,
  CANCEL_JOB,
  DELETE_JOB,
  CHAT,
  EXPLAIN_ROUTE,
  LIST_MODELS,
  GET_MODEL,
  LIST_PROVIDERS,
  GET_PROVIDER,
  GET_CAPABILITIES,
  PING_PROVIDER,
  LOAD_MODEL,
  UNLOAD_MODEL,
  GET_REGISTRY_SNAPSHOT,
  GET_EFFECTIVE_CONFIG,
  CHANGE_CONFIG,
  LIST_CONFIG_VERSIONS,
  GET_CONFIG_VERSION,
  ROLL_BACK_CONFIG,
  RELOAD_REGISTRY,
  GET_STATUS,
  GET_HEALTH,
  GET_READINESS,
  GET_METRICS,
  GET_OPENAPI,
  GET_DOCS,
  GET_ERROR_DOCS,
];
