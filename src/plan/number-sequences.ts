/**
 * Small numbers for sequences of numbers, equal for equal ones: what a text of the sequence would be for,
 * without the text. Walk from `START`, one member after the other.
 */
export class NumberSequences {
  static readonly START = 0;
  private readonly known = new Map<number, number>();

  /** @param members all members are below this; where it is small, so are the keys, and lookups quick */
  constructor(private readonly members: number) {}

  /** The number of the sequence that ends in `member`, after the one with the number `before`. */
  next(before: number, member: number): number {
    const pair = before * this.members + member;
    let number = this.known.get(pair);
    if (number === undefined) {
      number = this.known.size + 1;
      this.known.set(pair, number);
    }
    return number;
  }
}
