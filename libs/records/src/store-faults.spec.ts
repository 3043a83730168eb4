import { DatabaseError } from 'pg';
import { GatewayError } from '@longhaul/contract';
import { isStoreFault, leavesWhole, storeFaultOf } from './store-faults';

const answered = (code: string): DatabaseError =>
  Object.assign(new DatabaseError('no', 2, 'error'), { code, severity: 'ERROR' });
const failed = (code: string): Error => Object.assign(new Error('no'), { code });

describe('what PostgreSQL or the way to it does not do', () => {
  it.each([
    ...['28000', '28P01', '3D000', '42501', '42P01', '55P03', '55000', '25P03', '25P04', '25006', '26000'],
    ...['0A000', 'XX000', 'P0001', '57P01', '53300', '53100', '40001'],
  ])('is a fault of the store for SQLSTATE %s: an answer that is paid for waits for its end', (code) => {
    expect(storeFaultOf(answered(code))).toMatchObject({ code: 'store_unavailable' });
  });

  it.each(['22003', '22021', '22P02', '23505', '23514', '54000'])(
    'is a refusal of what we sent for SQLSTATE %s: a repeat would meet the same',
    (code) => {
      expect(isStoreFault(answered(code))).toBe(false);
    },
  );

  it.each([
    ...[
      'ECONNRESET',
      'ECONNABORTED',
      'ENETUNREACH',
      'ENETDOWN',
      'EADDRNOTAVAIL',
      'EMFILE',
      'EPERM',
      'ENOENT',
    ],
    ...[
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'CERT_HAS_EXPIRED',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ],
  ])('is a fault of the store for %s of the machine', (code) => {
    expect(isStoreFault(failed(code))).toBe(true);
  });

  it.each([
    ...['Query read timeout', 'Connection terminated unexpectedly', 'Client was closed and is not queryable'],
    ...['Cannot use a pool after calling end on the pool', 'The server does not support SSL connections'],
  ])('is a fault of the store when pg says: %s', (message) => {
    expect(isStoreFault(new Error(message))).toBe(true);
  });

  it('is none when our own code threw', () => {
    const thrown = [
      new TypeError('x is undefined'),
      failed('ERR_INVALID_ARG_TYPE'),
      new GatewayError('gone', 'The job is closed.'),
    ];
    for (const one of thrown) expect(storeFaultOf(one)).toBe(one);
  });

  it('is told with its SQLSTATE where the server answers', () => {
    const words = (code: string) => (storeFaultOf(answered(code)) as Error).message;
    expect(words('42501')).toContain('SQLSTATE 42501');
    expect(words('53100')).toContain('no room left on its disk');
    expect(words('57P01')).toContain('does not answer');
  });
});

describe('a connection whose statement was refused', () => {
  const fatal = (code: string): DatabaseError => Object.assign(answered(code), { severity: 'FATAL' });

  it.each(['53100', '55P03', '57014', '23505'])('may be asked again after SQLSTATE %s', (code) => {
    expect(leavesWhole(answered(code))).toBe(true);
  });

  it('is left where it, or the server that it leads to, may be the fault', () => {
    const faults = [
      answered('25006'),
      answered('42501'),
      fatal('57P01'),
      fatal('53100'),
      failed('ECONNRESET'),
    ];
    expect(faults.filter(leavesWhole)).toEqual([]);
  });
});
