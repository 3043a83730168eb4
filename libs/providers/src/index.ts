export { ProviderCatalogue } from './catalogue';
export { SYSTEM_TIMERS } from './clocks';
export type { Timers } from './clocks';
export { DIALECTS, DIALECT_NAMES } from './dialects';
export { HttpClient } from './http';
export type { CallClocks, Dialect, Provider } from './provider';
export { ProvidersModule } from './providers.module';
