/** A figure on its way to `<name>.svg` and `<name>.png`. */
export interface Drawing {
  readonly name: string;
  readonly svg: string;
}
