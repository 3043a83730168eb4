/** How long a caller should leave a job alone: longer, the older it is. Pairs of age and pause, in seconds. */
const PAUSES_S = [
  [10, 1],
  [60, 2],
  [300, 5],
] as const;
const LONGEST_PAUSE_S = 10;

/** What `Retry-After` says to whoever asks for a job of this age before its end. */
export const pollPauseSeconds = (ageSeconds: number): number =>
  PAUSES_S.find(([age]) => ageSeconds < age)?.[1] ?? LONGEST_PAUSE_S;
