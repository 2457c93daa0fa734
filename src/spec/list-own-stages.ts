import { isOwnStage } from '../core/own-stage.ts';
import { readText } from './read-text.ts';
import { readYaml } from './read-yaml.ts';

/**
 * The folders of the user's that a pipeline file uses as stages, each once, as it names them. Of a file that
 * is no pipeline none: reading it in full says what is wrong.
 */
export function listOwnStages(bytes: Uint8Array, file: string): string[] {
  const { text, diagnostic } = readText(bytes, file);
  // A file without any is not read twice.
  if (diagnostic || !MAY_USE_OWN.test(text)) return [];
  const { value } = readYaml(text, file);
  const stages = (value as { stages?: unknown } | null)?.stages;
  if (typeof stages !== 'object' || stages === null) return [];
  const uses = Object.values(stages).map((stage) => (stage as { uses?: unknown } | null)?.uses);
  return [...new Set(uses.filter((one): one is string => typeof one === 'string' && isOwnStage(one)))];
}

/** A path after `uses`, or what may stand for one: an alias, an anchor, a tag, a block, a value on another line. */
const MAY_USE_OWN = /\buses["']?\s*:\s*(?:["']?\.{1,2}\/|[*&!>|#])/;
