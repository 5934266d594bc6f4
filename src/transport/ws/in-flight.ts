/** The requests of all connections that wait for their answers: what the service has taken on at once. */
export class InFlight {
  readonly max: number;
  #count = 0;

  constructor(max: number) {
    this.max = max;
  }

  get isFull(): boolean {
    return this.#count >= this.max;
  }

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
  }
}
