export * from './back-end';
export * from './choose-back-end';
export { DeadlineError, within } from './deadline';
export * from './dispatch';
export * from './lane-gate';
export * from './lanes';
export { QuietLog, type QueueLog } from './quiet-log';
export * from './queue.module';
export * from './ticket';
