export * from './job.service';
export * from './jobs.module';
export { JOB_KINDS, kindOf } from './kinds';
export * from './readiness';
export * from './submission';
