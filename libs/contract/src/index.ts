export * from './chat';
export * from './errors';
export * from './job';
export * from './routing';
export * from './usage';
