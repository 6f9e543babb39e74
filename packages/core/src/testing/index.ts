export { FakeClock } from './fake-clock.ts';
export { sequentialIds } from './sequential-ids.ts';
