/** Where something lies in a payload: the number of its first byte, counted from 1 as `substring` does, and how many there are. */
export type Place = readonly [first: number, bytes: number];

/** Of a statement: the bytes at a place. */
export const bytesAt = (payload: string, place: string): string => `substring(${payload} from ${place}[1] for ${place}[2])`;

/** Of a statement: the JSON at a place. */
export const jsonAt = (payload: string, place: string): string => `convert_from(${bytesAt(payload, place)}, 'UTF8')::json`;

/**
 * The long values of a batch, one after the other in one buffer that goes as it is: as members of the JSON beside it, each would be
 * written and read with an escape for every quote in it.
 */
export class Payload {
  #buffer: Buffer;
  #length = 0;

  /** Of about so many bytes. */
  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafe(bytes);
  }

  text(text: string): Place {
    // No character takes more than three bytes of UTF-8.
    this.#reserve(3 * text.length);
    return this.#took(this.#buffer.write(text, this.#length));
  }

  bytes(bytes: Uint8Array): Place {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    return this.#took(bytes.length);
  }

  get content(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #took(bytes: number): Place {
    const place: Place = [this.#length + 1, bytes];
    this.#length += bytes;
    return place;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * this.#buffer.length + bytes);
    this.content.copy(larger);
    this.#buffer = larger;
  }
}
