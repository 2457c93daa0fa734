import type { Override } from '../core/pipeline.ts';
import { readYaml } from './read-yaml.ts';

/** `key=value` as `--set` takes it, the value read as YAML: `gamma=0.1`, `size=[64, 64]`, `method=dec`. */
export function readOverride(text: string): { readonly override: Override } | { readonly problem: string } {
  const at = text.indexOf('=');
  if (at < 1) return { problem: `--set expects key=value, and was given '${text}'` };
  const key = text.slice(0, at).trim();
  const { value, diagnostics } = readYaml(text.slice(at + 1), '--set');
  const [problem] = diagnostics;
  return problem ? { problem: `--set ${key}: ${problem.message}` } : { override: { key, value } };
}
