/** Cuts what arrives on a connection into the messages of Postgres' protocol: a letter, a length that counts itself, a body. */
export class WireMessages {
  #rest: Buffer = Buffer.alloc(0);

  /** The messages that are whole with this piece, letter and length included. */
  take(piece: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, piece]);
    const messages: Buffer[] = [];
    while (this.#rest.length >= 5) {
      const end = 1 + this.#rest.readInt32BE(1);
      if (this.#rest.length < end) break;
      messages.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
    return messages;
  }
}

export function letterOf(message: Buffer): string {
  return message.toString('latin1', 0, 1);
}

/** A message of numbers of four bytes each, without a letter where that is empty. */
export function numbersMessage(letter: string, ...numbers: readonly number[]): Buffer {
  const body = Buffer.alloc(4 + 4 * numbers.length);
  [body.length, ...numbers].forEach((value, index) => body.writeInt32BE(value, 4 * index));
  return Buffer.concat([Buffer.from(letter), body]);
}

/** What the first message of a connection asks for in place of a session: that a statement ends. */
export const cancelRequest = 80_877_102;
