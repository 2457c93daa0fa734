import { createHash } from 'node:crypto';
import { canonicalJson, type Json } from './json.ts';

/** SHA-256 as 64 lower-case hexadecimal digits. */
export type Digest = string;

/** The digest of content: a file's bytes as they are. */
export function digestBytes(bytes: Uint8Array | string): Digest {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The digest of a structure. The tag says what kind of thing is hashed, so that two structures of
 * different kinds with equal fields never share a digest.
 */
export function digestOf(tag: string, value: Json): Digest {
  return digestBytes(canonicalJson({ tag, value }));
}
