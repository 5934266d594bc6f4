import { readFile, readdir, rm } from 'node:fs/promises';
import { basename } from 'node:path';
import { readRange, syncDirectory } from './durable-file.ts';
import { packPattern } from './layout.ts';
import type { Layout } from './layout.ts';
import { readPackIndex, writePack } from './pack-file.ts';
import type { Content, PackIndex } from './pack-file.ts';
import { messageOf } from './system-error.ts';

/** A pack is closed at either. */
const packBytes = 64 * 1024 * 1024;
const packContents = 10_000;

interface Pack {
  readonly file: string;
  readonly bytes: number;
}

interface Place {
  readonly pack: Pack;
  readonly offset: number;
  readonly length: number;
}

/** Small contents, many to a file: to write and sync a file for each costs more than the commands that brought them. */
export class Packs {
  readonly #layout: Layout;
  readonly #packs = new Set<Pack>();
  readonly #places = new Map<string, Place>();
  /** Hold what another pack holds too, as a crash leaves them behind. */
  readonly #stale = new Set<Pack>();
  #last = 0;

  private constructor(layout: Layout) {
    this.#layout = layout;
  }

  /** Reads where everything is. A pack that can't be read is reported and left as it is. */
  static async open(layout: Layout, onProblem: (line: string) => void): Promise<Packs> {
    const packs = new Packs(layout);
    const numbers = (await readdir(layout.artifacts)).flatMap((name) => packPattern.exec(name)?.[1] ?? []).map(Number);
    for (const n of numbers.toSorted((a, b) => a - b)) {
      packs.#last = n;
      const file = layout.pack(n);
      try {
        packs.#enter(file, await readPackIndex(file));
      } catch (error) {
        onProblem(`artifacts/${basename(file)} can't be read and is left where it is: ${messageOf(error)}`);
      }
    }
    return packs;
  }

  has(sha256: string): boolean {
    return this.#places.has(sha256);
  }

  /** Bytes from `offset`, at most `length`; null when no pack holds the content. */
  async read(sha256: string, offset: number, length: number): Promise<Uint8Array | null> {
    let place = this.#places.get(sha256);
    while (place !== undefined) {
      const from = Math.min(offset, place.length);
      const bytes = await readRange(place.pack.file, place.offset + from, Math.min(length, place.length - from));
      if (bytes !== null) return bytes;
      // The pack is gone: what it held went to another one meanwhile.
      const now = this.#places.get(sha256);
      place = now === place ? undefined : now;
    }
    return null;
  }

  /**
   * Adds contents and drops the dead; durable when it resolves. What else is in a pack with dead content goes to a new one, and
   * so does a pack that is no larger than what is added: there are never many, and a byte is copied a few times in its life.
   */
  async write(added: readonly Content[], dead: ReadonlySet<string>): Promise<void> {
    const fresh = added.filter(([sha256]) => !this.#places.has(sha256));
    const size = fresh.reduce((sum, [, bytes]) => sum + bytes.length, 0);
    const replaced = new Set(this.#stale);
    for (const sha256 of dead) {
      const place = this.#places.get(sha256);
      if (place !== undefined) replaced.add(place.pack);
    }
    for (const pack of this.#packs) if (pack.bytes <= size) replaced.add(pack);
    if (fresh.length === 0 && replaced.size === 0) return;

    let contents: Content[] = [];
    let bytes = 0;
    const close = async () => {
      if (contents.length > 0) await this.#add(contents);
      contents = [];
      bytes = 0;
    };
    const take = async (content: Content) => {
      if (contents.length === packContents || bytes + content[1].length > packBytes) await close();
      contents.push(content);
      bytes += content[1].length;
    };
    for (const pack of replaced) {
      for (const content of await this.#contentsOf(pack)) if (!dead.has(content[0])) await take(content);
    }
    for (const content of fresh) await take(content);
    await close();
    await syncDirectory(this.#layout.artifacts);
    await this.#remove(replaced, dead);
  }

  async #add(contents: readonly Content[]): Promise<void> {
    const file = this.#layout.pack(++this.#last);
    this.#enter(file, await writePack(file, this.#layout.temporary(basename(file)), contents));
  }

  #enter(file: string, { contents, bytes }: PackIndex): void {
    const pack: Pack = { file, bytes };
    this.#packs.add(pack);
    for (const { sha256, offset, length } of contents) {
      const before = this.#places.get(sha256);
      if (before !== undefined) this.#stale.add(before.pack);
      this.#places.set(sha256, { pack, offset, length });
    }
  }

  /** What the pack alone holds. */
  async #contentsOf(pack: Pack): Promise<Content[]> {
    const { contents } = await readPackIndex(pack.file);
    const file = await readFile(pack.file);
    return contents.flatMap(({ sha256, offset, length }): Content[] =>
      this.#places.get(sha256)?.pack === pack ? [[sha256, file.subarray(offset, offset + length)]] : [],
    );
  }

  async #remove(packs: ReadonlySet<Pack>, dead: ReadonlySet<string>): Promise<void> {
    for (const pack of packs) {
      await rm(pack.file, { force: true });
      this.#packs.delete(pack);
      this.#stale.delete(pack);
    }
    for (const sha256 of dead) {
      const place = this.#places.get(sha256);
      if (place !== undefined && packs.has(place.pack)) this.#places.delete(sha256);
    }
    if (packs.size > 0) await syncDirectory(this.#layout.artifacts);
  }
}
