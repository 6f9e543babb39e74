// Would catch: a stream that goes on showing what the record does not stand for, or loses what the record does.
import { describe, expect, it } from 'vitest';
import type { CallRecord } from '../../session/call.ts';
import type { ChunkBody } from '../../session/chunk.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import type { ChunkSink } from './chunk-sink.ts';
import { OwnerStream } from './owner-stream.ts';

/** A stream of which the record stands for the first seven chunks; it may be sure of fewer. */
function streamAt(sequence: number, streamSure?: number) {
  const session = { streamSequence: 7, streamSure, step: null } as unknown as SessionSnapshot;
  const written: ChunkBody[] = [];
  const sink = {
    flushed: false as boolean,
    sure: undefined,
    stands: () => {},
    get sequence() {
      return sequence + written.length;
    },
    write: (body: ChunkBody) => void written.push(body),
    flush: async () => {},
  } satisfies ChunkSink;
  return { sink, written, stream: new OwnerStream(session, sink) };
}

const said: ChunkBody = { type: 'text_delta', delta: 'x' };
const call = { callId: 'c', toolName: 't', state: { at: 'settled', result: 1 } } as unknown as CallRecord;

describe('an owner', () => {
  it('takes back, once, what the one before it streamed and did not commit', () => {
    const { stream, written } = streamAt(9);
    stream.withdraw();
    stream.withdraw();
    expect(written).toEqual([{ type: 'rewound', toSequence: 7 }]);
  });

  it('fills the places of what the one before it committed and took with it', () => {
    const { stream, written } = streamAt(5);
    stream.withdraw();
    stream.withdraw();
    expect(written).toEqual([{ type: 'gap' }, { type: 'gap' }]);
  });

  it.each([
    ['further than', 9, [{ type: 'rewound', toSequence: 4 }, { type: 'gap' }]],
    ['where', 7, [{ type: 'rewound', toSequence: 4 }, { type: 'gap' }]],
    ['not as far as', 5, [{ type: 'rewound', toSequence: 4 }, { type: 'gap' }]],
    ['only where it is sure, behind', 4, [{ type: 'gap' }, { type: 'gap' }, { type: 'gap' }]],
  ])(
    'takes back what is not sure, and says that it is missing, in a stream that is %s the record',
    (_, sequence, told) => {
      const { stream, written } = streamAt(sequence, 4);
      stream.withdraw();
      stream.withdraw();
      expect(written).toEqual(told);
    },
  );

  it('takes back nothing of what a commit stands for', () => {
    const { stream, written } = streamAt(7);
    stream.write(said);
    stream.standAt({ streamSequence: 8 });
    stream.begin({ step: 2, attempt: 1 });
    expect(written).toEqual([said]);
  });

  it('takes back what an attempt streamed when the next one begins, which tells the ends of its own calls', () => {
    const { stream, written } = streamAt(7);
    stream.write(said);
    stream.announce(call);
    stream.begin({ step: 1, attempt: 2 });
    expect(written.slice(2)).toEqual([{ type: 'rewound', toSequence: 7 }]);
    expect(stream.hasAnnounced(call)).toBe(false);
  });

  it('is taking something back until everything is seen in the stream', () => {
    const { stream, sink } = streamAt(9);
    stream.withdraw();
    stream.noteFlushed();
    expect(stream.isWithdrawing).toBe(true);
    sink.flushed = true;
    stream.noteFlushed();
    expect(stream.isWithdrawing).toBe(false);
  });
});
