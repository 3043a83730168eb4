const SECRET_HEADERS = ['authorization', 'cookie', '["set-cookie"]', '["x-api-key"]', '["x-goog-api-key"]'];
const HEADER_PLACES = ['headers', '*.headers'];

/**
 * Where a key would stand if a header ever reached a log line, in pino's notation. The second wall only: no code
 * logs headers or bodies in the first place.
 */
export const SECRET_LOG_PATHS: readonly string[] = HEADER_PLACES.flatMap((place) =>
  SECRET_HEADERS.map((name) => (name.startsWith('[') ? `${place}${name}` : `${place}.${name}`)),
);
