import { explainUnreachable, mayStillCome } from './unreachable';

const URL = 'postgres://me:s3cret@db.lan:5433/jobs';
const failed = (code: string) => Object.assign(new Error('connect: s3cret'), { code });

describe('a PostgreSQL that cannot be used at the start', () => {
  it.each([
    ['ECONNREFUSED', 'it cannot be reached (ECONNREFUSED)'],
    ['57P03', 'it cannot be reached (57P03)'],
    ['28P01', 'it does not accept the password of DATABASE_URL', 'its password'],
    ['3D000', 'it has no database of the name in DATABASE_URL'],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'its certificate is not trusted here (SELF_SIGNED_CERT_IN_CHAIN; see sslrootcert and NODE_EXTRA_CA_CERTS)',
    ],
  ])(
    'is named with its place and its reason for %s, without the password',
    (code, reason, what = 'the server') => {
      const { message } = explainUnreachable(URL, failed(code)) as Error;
      expect(message).toBe(`PostgreSQL at db.lan:5433/jobs: ${reason}. Check DATABASE_URL and ${what}.`);
    },
  );

  it.each([
    ['CERT_HAS_EXPIRED', true],
    ['ECONNREFUSED', true],
    ['28P01', false],
  ])('is waited for, or not: %s', (code, isAwaited) => {
    expect(mayStillCome(failed(code))).toBe(isAwaited);
  });

  it('is named where it speaks no TLS and is asked to', () => {
    const fault = new Error('The server does not support SSL connections');
    expect(mayStillCome(fault)).toBe(false);
    expect((explainUnreachable(URL, fault) as Error).message).toBe(
      'PostgreSQL at db.lan:5433/jobs: it speaks no TLS, which the sslmode of DATABASE_URL asks for. Check DATABASE_URL and the server.',
    );
  });

  it('leaves a fault of our own as it is', () => {
    const fault = failed('42601');
    expect(explainUnreachable(URL, fault)).toBe(fault);
  });
});
