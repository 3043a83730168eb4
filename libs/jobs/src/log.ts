/** What the road says about itself. Messages never carry prompts, answers or keys. */
export interface Log {
  info(message: string): void;
  warn(message: string, thrown?: unknown): void;
  error(message: string, thrown?: unknown): void;
}
