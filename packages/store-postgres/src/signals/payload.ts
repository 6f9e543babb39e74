/** Postgres takes 7,999 bytes; ids are ASCII. */
const maxLength = 7_900;

/** Topics as payloads: the sender's name and topics, a line each. */
export function packTopics(origin: string, topics: Iterable<string>): string[] {
  const payloads: string[] = [];
  let payload = origin;
  for (const topic of topics) {
    if (payload.length + 1 + topic.length > maxLength) {
      payloads.push(payload);
      payload = origin;
    }
    payload += `\n${topic}`;
  }
  return [...payloads, payload];
}

/** The topics of a payload; none where it is our own. */
export function unpackTopics(origin: string, payload: string): string[] {
  const [from, ...topics] = payload.split('\n');
  return from === origin ? [] : topics;
}
