/** Runs the talker in a process of its own, which never says more than half. Arguments: the way as JSON, session. */
import type { Way } from './access.ts';
import { openProcess } from './open-process.ts';
import { talker, talkerModel } from './talker.ts';

const [way = '', sessionId = ''] = process.argv.slice(2);
const { executor, close } = openProcess(
  JSON.parse(way) as Way,
  talkerModel(() => new Promise(() => {})),
);
const handle = await executor.execute(
  talker(() => process.send?.('body')),
  'Go',
  { sessionId },
);
const { status } = await handle.result();
process.send?.(status);
await close();
process.disconnect();
