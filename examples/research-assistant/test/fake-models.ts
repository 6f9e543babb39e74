import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What a request asked for. */
interface Asked {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly model: string;
}

/** A server that speaks as three providers do. Its models know one answer, and finish with it. */
export class FakeModels {
  readonly asked: Asked[] = [];
  readonly #server: Server;

  private constructor(answer: object) {
    const json = JSON.stringify(answer);
    this.#server = createServer((request, response) => {
      const path = request.url ?? '';
      void text(request).then((body) => {
        const { model } = JSON.parse(body) as { model: string };
        this.asked.push({ path, headers: request.headers, model });
        const events = protocols[path]?.(json);
        if (!events) return response.writeHead(404).end();
        return response.writeHead(200, { 'content-type': 'text/event-stream' }).end(events.map(sse).join(''));
      });
    });
  }

  static async start(answer: object): Promise<FakeModels> {
    const models = new FakeModels(answer);
    await new Promise<void>((resolve) => models.#server.listen(0, '127.0.0.1', resolve));
    return models;
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

interface Event {
  readonly type?: string;
  readonly [field: string]: unknown;
}

/** A call of `__finish__` as each protocol streams it. */
const protocols: Readonly<Record<string, (json: string) => readonly Event[]>> = {
  '/v1/messages': (json) => [
    { type: 'message_start', message: { id: 'msg_1', model: 'm', content: [], usage: { input_tokens: 5 } } },
    {
      type: 'content_block_start',
      index: 0,
      content_block: { type: 'tool_use', id: 'call_1', name: '__finish__', input: {} },
    },
    { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: json } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'tool_use' }, usage: { output_tokens: 7 } },
    { type: 'message_stop' },
  ],
  '/v1/responses': (json) => {
    const item = { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: '__finish__', arguments: '' };
    const response = { id: 'resp_1', created_at: 1, model: 'm' };
    return [
      { type: 'response.created', response },
      { type: 'response.output_item.added', output_index: 0, item },
      {
        type: 'response.output_item.done',
        output_index: 0,
        item: { ...item, arguments: json, status: 'completed' },
      },
      { type: 'response.completed', response: { ...response, usage: { input_tokens: 5, output_tokens: 7 } } },
    ];
  },
  '/v1/chat/completions': (json) => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: '__finish__', arguments: json } };
    const chunk = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'm' };
    return [
      { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', tool_calls: [call] }, finish_reason: null }] },
      { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }] },
      { ...chunk, choices: [], usage: { prompt_tokens: 5, completion_tokens: 7, total_tokens: 12 } },
    ];
  },
};

function sse(event: Event): string {
  const name = event.type ? `event: ${event.type}\n` : '';
  return `${name}data: ${JSON.stringify(event)}\n\n`;
}
