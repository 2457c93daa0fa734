import { type Digest, digestBytes, digestOf } from './digest.ts';
import { pythonTokens } from './python/tokens.ts';

/**
 * The digest of a script among a command's sources: of a Python program what it means (its tokens, without
 * comments and layout), of all else, and wherever there is doubt, its bytes.
 * @param name of the file, for its ending.
 */
export function digestScript(name: string, bytes: Uint8Array): Digest {
  const tokens = /\.py$/i.test(name) ? pythonTokens(bytes) : null;
  return tokens === null ? digestBytes(bytes) : digestOf('python-tokens', tokens);
}

/** Is this what was planned, by its bytes or as a script? */
export function isContent(digest: Digest, name: string, bytes: Uint8Array): boolean {
  return digestBytes(bytes) === digest || digestScript(name, bytes) === digest;
}
