/** Calls one dialect against every hostile reply, in a process of its own. Argument: its name. Says the report, as JSON. */
import { loadTypeScript } from '../support/typescript.mjs';

const { shootAll } = loadTypeScript()('test/hostile/shoot-all.ts');
process.send(await shootAll(process.argv[2]));
process.disconnect();
