import type { Clock, Ids, Random } from './ports.ts';

/** Chance is asked for in portions: every step makes a handful of ids. */
const idsAPortion = 400;
/** A UUIDv7 (RFC 9562) begins with the time; the rest is chance, but for the bits that say what it is. */
const timeBytes = 6;
const chanceBytes = 10;

/**
 * Prefix and UUIDv7 (RFC 9562): 48 bits of time, then chance. Written digit by digit and read as one text: joined of pieces, each id
 * would keep all of them in memory for as long as it lives, seven times its size.
 */
export function uuidIds(clock: Pick<Clock, 'now'>, random: Pick<Random, 'bytes'>): Ids {
  const uuid = new Uint8Array(timeBytes + chanceBytes);
  const time = new DataView(uuid.buffer, 0, timeBytes);
  const texts = new Map<string, Uint8Array>();
  let chance: Uint8Array = new Uint8Array();
  let taken = 0;
  const takeChance = () => {
    if (taken === chance.length) {
      chance = random.bytes(chanceBytes * idsAPortion);
      taken = 0;
    }
    for (let at = timeBytes; at < uuid.length; at += 1) uuid[at] = chance[taken++] ?? 0;
  };
  return {
    next: (prefix) => {
      let text = texts.get(prefix);
      if (!text) texts.set(prefix, (text = toAscii.encode(`${prefix}_${blank}`)));
      const nowMs = Math.max(0, clock.now());
      // Of a number that is too large for them, both take the lowest bits.
      time.setUint16(0, nowMs / 2 ** 32);
      time.setUint32(2, nowMs);
      takeChance();
      setVersion(uuid);
      writeDigits(text, uuid);
      return ascii.decode(text);
    },
  };
}

const blank = '00000000-0000-0000-0000-000000000000';
/** Where the digits of each byte stand in it. */
const places = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const toAscii = /* @__PURE__ */ new TextEncoder();
const ascii = /* @__PURE__ */ new TextDecoder();
const digits = /* @__PURE__ */ Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));

function setVersion(uuid: Uint8Array): void {
  uuid[6] = 0x70 | ((uuid[6] ?? 0) & 0x0f);
  uuid[8] = 0x80 | ((uuid[8] ?? 0) & 0x3f);
}

function writeDigits(text: Uint8Array, uuid: Uint8Array): void {
  const start = text.length - blank.length;
  for (let index = 0; index < uuid.length; index += 1) {
    const byte = uuid[index] ?? 0;
    const at = start + (places[index] ?? 0);
    text[at] = digits[byte >> 4] ?? 0;
    text[at + 1] = digits[byte & 15] ?? 0;
  }
}
