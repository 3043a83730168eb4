import { BACK_END, BackEnd, Dispatch, QueueModule, ticketOf } from '@longhaul/queue';
import { SETTINGS } from '@longhaul/settings';
import { Global, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { freshDatabase } from '../support/stores';

describe('the queue module', () => {
  it('opens the store of the settings at boot, and lets go of it at shutdown', async () => {
    const { url } = await freshDatabase();
    const settings = { redisUrl: null, databaseUrl: url, providers: [], crashPoint: null };
    @Global()
    @Module({ providers: [{ provide: SETTINGS, useValue: settings }], exports: [SETTINGS] })
    class SettingsModule {}
    const module = Test.createTestingModule({
      imports: [SettingsModule, QueueModule.register({ onFatal: () => undefined })],
    });
    const app = await module.compile();
    await app.init();
    const dispatch = app.get(Dispatch);
    expect(app.get<BackEnd>(BACK_END).kind).toBe('postgres');
    await dispatch.ring('glm', [ticketOf('job_a', 1)]);
    await expect(dispatch.waiting('glm')).resolves.toBe(1);
    await app.close();
    await expect(dispatch.waiting('glm')).rejects.toMatchObject({ code: 'store_unavailable' });
  }, 30_000);

  it('refuses to boot without a store, and names what to set', async () => {
    const settings = { redisUrl: null, databaseUrl: null, providers: [], crashPoint: null };
    @Global()
    @Module({ providers: [{ provide: SETTINGS, useValue: settings }], exports: [SETTINGS] })
    class SettingsModule {}
    const module = Test.createTestingModule({
      imports: [SettingsModule, QueueModule.register({ onFatal: () => undefined })],
    });
    await expect(module.compile()).rejects.toThrow(/REDIS_URL or DATABASE_URL/);
  });
});
