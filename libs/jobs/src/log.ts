import type { LoggerService } from '@nestjs/common';

/** What the road says about itself. Messages never carry prompts, answers or keys. */
export interface Log {
  info(message: string): void;
  warn(message: string, thrown?: unknown): void;
  error(message: string, thrown?: unknown): void;
}

/** Nest's logger as ours: a thrown value goes out by its message, never whole. */
export function nestLog(logger: LoggerService): Log {
  const withReason = (message: string, thrown: unknown): string =>
    thrown instanceof Error ? `${message} (${thrown.message})` : message;
  return {
    info: (message) => {
      logger.log(message);
    },
    warn: (message, thrown) => {
      logger.warn(withReason(message, thrown));
    },
    error: (message, thrown) => {
      logger.error(withReason(message, thrown), thrown instanceof Error ? thrown.stack : undefined);
    },
  };
}
