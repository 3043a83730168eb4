/** `null` and a missing field mean the same to callers. */
export const isAbsent = <T>(value: T | null | undefined): value is null | undefined =>
  value === null || value === undefined;
