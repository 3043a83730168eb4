export * from './chat';
export * from './errors';
export * from './fields';
export * from './job';
export * from './routing';
export * from './text';
export * from './usage';
export * from './validation';
