import { parseDocument } from 'yaml';
import type { Json } from '../core/json.ts';
import type { Override } from '../core/pipeline.ts';

/** `key=value` as `--set` takes it, the value read as YAML: `gamma=0.1`, `size=[64, 64]`, `method=dec`. */
export function readOverride(text: string): { readonly override: Override } | { readonly problem: string } {
  const at = text.indexOf('=');
  if (at < 1) return { problem: `--set expects key=value, and was given '${text}'` };
  const key = text.slice(0, at).trim();
  const document = parseDocument(text.slice(at + 1));
  const [error] = document.errors;
  if (error) return { problem: `--set ${key}: the value is no YAML: ${error.message.split('\n')[0]}` };
  try {
    return { override: { key, value: document.toJS({ maxAliasCount: 0 }) as Json } };
  } catch (thrown) {
    return { problem: `--set ${key}: ${(thrown as Error).message}` };
  }
}
