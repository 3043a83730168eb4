import { Database, Records } from '@longhaul/records';
import { freshRecords } from '../support/records';
import { until } from '../support/longhaul';

describe('notices', () => {
  it('reach another process, and a crowd of one kind holds no other kind up', async () => {
    const here = await freshRecords();
    const there = new Records(new Database({ url: here.database.url, poolSize: 2, callMs: 5000 }));
    const heard: string[] = [];
    there.notices.on('ended', (subject) => heard.push(subject));
    there.notices.on('cancel', (subject) => heard.push(subject));
    there.notices.start();
    await until('it listens', async () => {
      here.notices.tell('ended', 'first');
      return Promise.resolve(heard.length > 0);
    });
    for (let i = 0; i < 500; i++) here.notices.tell('ended', `job-${String(i)}`);
    here.notices.tell('cancel', 'stop-me');
    await until('all were heard', () => Promise.resolve(heard.includes('job-499')));
    expect(heard.indexOf('stop-me')).toBeGreaterThan(0);
    expect(heard.indexOf('stop-me')).toBeLessThan(heard.indexOf('job-499'));
    await there.close();
  });
});
