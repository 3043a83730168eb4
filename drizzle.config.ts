import { defineConfig } from 'drizzle-kit';

export default defineConfig({
  dialect: 'postgresql',
  schema: './libs/records/src/schema.ts',
  out: './libs/records/src/migrations',
});
