import { Problem } from '@helix-agents/example-environment';
import { listen, type Listening, type ListenOptions } from '@helix-agents/agent-server/node';

/** Serves on a port of this machine. Throws a `Problem` where the port cannot be had. */
export async function listenOn(port: number, fetch: ListenOptions['fetch']): Promise<Listening> {
  try {
    return await listen({ fetch, port });
  } catch (error) {
    const reason = reasons[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new Problem(
      'port_unavailable',
      `port ${port} ${reason}`,
      'set PORT to another one, or end what listens there',
    );
  }
}

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use',
  EACCES: 'may not be used by this user',
};
