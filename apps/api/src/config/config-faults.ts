import { GatewayError } from '@longhaul/contract';
import { ConfigChange } from '@longhaul/jobs';

/** A refusal with the field of the body that it speaks of, where it names one. */
export function namingField(thrown: unknown, { set, prices }: ConfigChange): unknown {
  if (!(thrown instanceof GatewayError) || thrown.code !== 'config_rejected') return thrown;
  const { message, detail } = thrown;
  if (detail.param !== undefined) return thrown;
  const places = [
    ...Object.keys(set).map((name) => ({ name, param: `set.${name}` })),
    ...Object.keys(prices).map((name) => ({ name, param: `prices.${name}` })),
  ];
  const place = places.find(({ name }) => message.includes(name));
  return place === undefined
    ? thrown
    : new GatewayError('config_rejected', message, { ...detail, param: place.param.slice(0, 80) });
}
