// Would catch: a collector of logs or spans that is gone, and takes a run or the process with it.
import { expect, it, vi } from 'vitest';
import { resolvePorts } from './default-ports.ts';

it('a logger that throws, or rejects, harms nobody', () => {
  const gone = new Error('the collector is gone');
  const rejected = Promise.reject(gone);
  const caught = vi.spyOn(rejected, 'catch');
  const fails = () => {
    throw gone;
  };
  resolvePorts({ logger: { log: fails } }).logger.log('info', 'said');
  // A logger may be asynchronous, whatever its type says.
  const log = (() => rejected) as () => void;
  resolvePorts({ logger: { log } }).logger.log('info', 'said');
  expect(caught).toHaveBeenCalledOnce();
});
