export * from './secret';
export * from './settings';
