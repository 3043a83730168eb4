export * from './job-reader';
export * from './job.service';
export * from './jobs.module';
export { JOB_KINDS, kindOf } from './kinds';
export { ChatMessageInput, ChatOutput, MAX_MESSAGES } from './kinds/chat.kind';
export * from './readiness';
export * from './submission';
export type { IdempotencyKey } from '@longhaul/records';
