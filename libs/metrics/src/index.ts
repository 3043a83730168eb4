export { INSTRUMENTS, type LabelsOf } from './instruments';
export * from './metrics';
export { metricsPages } from './metrics-doc';
export * from './metrics.module';
