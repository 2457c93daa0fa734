import type { StageDeclaration } from './declaration.ts';

/** `uses: ./my-stage`: a folder of the user's, from the pipeline file's. */
export function isOwnStage(uses: string): boolean {
  return uses.startsWith('./') || uses.startsWith('../');
}

/** What lineage calls it: the folder's name alone, so that a moved pipeline keeps its artifacts. */
export function ownStageName(uses: string): string {
  return `./${uses.split('/').findLast((part) => part !== '' && part !== '.' && part !== '..') ?? ''}`;
}

/** What the `declaration` of a stage in a folder of the user's says; its name is the folder's. */
export interface OwnStageDeclaration
  extends Partial<Omit<StageDeclaration, 'name' | 'summary' | 'outputs' | 'inputs'>>,
    Pick<StageDeclaration, 'summary' | 'outputs' | 'inputs'> {}

/** What holds where a declaration does not say. */
export function completeDeclaration(uses: string, given: OwnStageDeclaration): StageDeclaration {
  return {
    parameters: { type: 'object', properties: {} },
    offers: [],
    random: false,
    engine: false,
    exact: false,
    ...given,
    name: ownStageName(uses),
  };
}
