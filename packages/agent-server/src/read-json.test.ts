// Would catch: a body in tiny pieces, each of which is kept: of 4 MiB a byte at a time, they take more than a gigabyte.
import { expect, it } from 'vitest';
import { readJson } from './read-json.ts';

/** A body whose pieces are all one buffer, which holds another byte each time: who keeps a piece reads it wrong. */
function byteByByte(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text).values();
  const piece = new Uint8Array(1);
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { done, value = 0 } = bytes.next();
        piece[0] = value;
        if (done) controller.close();
        else controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
}

it('keeps no piece of a body', async () => {
  const sent = { text: 'x'.repeat(3_000), more: ['ä', 1, null] };
  const headers = { 'content-type': 'application/json' };
  const streamed = { method: 'POST', headers, body: byteByByte(JSON.stringify(sent)), duplex: 'half' };
  const request = new Request('http://server/', streamed);
  expect(await readJson(request, 4_096)).toEqual(sent);
});
