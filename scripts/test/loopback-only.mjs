/**
 * Loaded into every process of the test run: a connection that would leave this machine fails at once. A test
 * that forgot to point a provider at the sandbox must not cost money, nor pass because somebody answered.
 */
import net from 'node:net';

const LOOPBACK =
  /^(?:localhost|(?:.*\.)?localhost|127(?:\.\d{1,3}){3}|::1|::ffff:127(?:\.\d{1,3}){3}|\[::1\])$/i;
const connect = net.Socket.prototype.connect;

net.Socket.prototype.connect = function connectOnLoopback(...args) {
  // node:net hands its own calls over as one array of normalised arguments.
  const [first, second] = Array.isArray(args[0]) ? args[0] : args;
  const options = typeof first === 'object' && first !== null ? first : { port: first, host: second };
  const host = typeof options.host === 'string' ? options.host : 'localhost';
  if (!options.path && !LOOPBACK.test(host)) {
    const refusal = new Error(`The test run refuses to connect to ${host}: only loopback is allowed.`);
    process.nextTick(() => this.destroy(Object.assign(refusal, { code: 'ECONNREFUSED' })));
    return this;
  }
  return connect.apply(this, args);
};
