import type { Params } from 'nestjs-pino';
import { SECRET_LOG_PATHS, Settings } from '@longhaul/settings';

/** JSON lines. A request is its id, method and path: no headers, no query, never a body. */
export function logging(level: Settings['logLevel']): Params {
  return {
    pinoHttp: {
      level,
      // The server writes one line per answer itself: refusals never reach this middleware.
      autoLogging: false,
      quietReqLogger: true,
      redact: { paths: [...SECRET_LOG_PATHS], censor: '[redacted]' },
      serializers: { req: requestOf, res: () => undefined },
    },
  };
}

function requestOf(request: { id?: unknown; method?: unknown; url?: unknown }): object {
  return { id: request.id, method: request.method, path: String(request.url).split('?', 1)[0] };
}
