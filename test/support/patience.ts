/** Patience, not a measure: real stores and processes on a machine with other work. A suite may ask for more. */
jest.setTimeout(60_000);
