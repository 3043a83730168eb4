export { ProviderCatalogue } from './catalogue';
export { SYSTEM_TIMERS } from './clocks';
export type { CallClocks, Timers } from './clocks';
export { DIALECTS, DIALECT_NAMES } from './dialects';
export { HttpClient } from './http';
export { ModelLists } from './model-lists';
export type { Dialect, Provider } from './provider';
export { ProvidersModule } from './providers.module';
export { findVersion } from './user-agent';
