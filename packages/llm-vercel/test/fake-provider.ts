import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the fake answers to one request. */
export type Answer =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body: unknown }
  | {
      readonly events: readonly string[];
      /** What follows the events; `stall` leaves the connection open. Default `end`. */
      readonly ending?: 'end' | 'break' | 'stall';
    };

export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Record<string, unknown>;
  /** Whether the client hung up before the answer was whole. */
  cut: boolean;
}

/** What a protocol refuses by itself, before any script: a wrong key, an unknown model. */
export type Gate = (request: SeenRequest) => Answer | undefined;

/** A model provider on the loopback interface: real HTTP and SSE, scripted answers, a record of what was asked. */
export class FakeProvider {
  readonly requests: SeenRequest[] = [];
  readonly #server: Server;
  readonly #script: Answer[] = [];
  readonly #gate: Gate;

  private constructor(gate: Gate) {
    this.#gate = gate;
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  static async start(gate: Gate): Promise<FakeProvider> {
    const fake = new FakeProvider(gate);
    await new Promise<void>((resolve) => fake.#server.listen(0, '127.0.0.1', resolve));
    return fake;
  }

  get baseURL(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** The next requests are answered so, in this order; a request without an answer gets a 418. */
  answer(...answers: Answer[]): void {
    this.#script.push(...answers);
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const seen = { path: incoming.url ?? '', headers: incoming.headers, body: await jsonOf(incoming), cut: false };
    this.requests.push(seen);
    const answer = this.#gate(seen) ?? this.#script.shift() ?? { status: 418, body: 'nothing is scripted' };
    const breaks = 'events' in answer && answer.ending === 'break';
    response.on('close', () => (seen.cut = !breaks && !response.writableFinished));
    if ('status' in answer) sendBody(response, answer);
    else sendEvents(response, answer);
  }
}

function sendBody(response: ServerResponse, { status, headers, body }: Extract<Answer, { status: number }>): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers }).end(text);
}

function sendEvents(response: ServerResponse, { events, ending = 'end' }: Extract<Answer, { events: unknown }>): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  const text = events.join('');
  if (ending === 'end') response.end(text);
  else response.write(text, () => void (ending === 'break' && setTimeout(() => response.destroy(), 20)));
}

async function jsonOf(incoming: IncomingMessage): Promise<Record<string, unknown>> {
  let text = '';
  for await (const chunk of incoming.setEncoding('utf8')) text += chunk as string;
  return JSON.parse(text) as Record<string, unknown>;
}

/** One server-sent event. */
export function sse(data: unknown, event?: string): string {
  const body = typeof data === 'string' ? data : JSON.stringify(data);
  return `${event === undefined ? '' : `event: ${event}\n`}data: ${body}\n\n`;
}
