import { Problem } from '@helix-agents/example-environment';
import { listen, type Listening, type ListenOptions } from '@helix-agents/agent-server/node';
import { HelixError } from '@helix-agents/sdk';

/** Serves on a port of this machine. Throws a `Problem` where the port cannot be had. */
export async function listenOn(port: number, fetch: ListenOptions['fetch']): Promise<Listening> {
  try {
    return await listen({ fetch, port });
  } catch (error) {
    if (!HelixError.is(error, 'input_invalid')) throw error;
    throw new Problem(error.code, error.message, 'set PORT to another one, or end what listens there');
  }
}
