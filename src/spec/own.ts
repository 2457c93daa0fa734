/** A property of the object itself, so that a key `constructor` in a file finds nothing that JavaScript put there. */
export function own<Value>(object: { readonly [key: string]: Value }, key: string): Value | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
