import type { CallRecord } from '../../session/call.ts';
import type { Owner } from '../owner/owner.ts';
import { aboutCall } from './about-call.ts';

const running = Symbol('running');

/** Tells the developer of a tool whose body did not end when it was told to stop: it may keep its process from ending. */
export async function logLeftBehind(owner: Owner, call: CallRecord, body: Promise<unknown>): Promise<void> {
  if ((await Promise.race([body, Promise.resolve(running)])) !== running) return;
  const message = 'a tool still runs after it was told to stop; nobody waits for it any more';
  owner.parts.ports.logger.log('warn', message, aboutCall(owner, call));
}
