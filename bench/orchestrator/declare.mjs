/**
 * A stage, as every tool is told of it: one output file, made by a shell command from source files and
 * from the outputs of other stages.
 * @typedef {{ name: string, sources: string[], needs: string[],
 *   command: (at: { input: (name: string) => string, output: string }) => string }} Stage
 */

/** Where the tools that work in one folder have a stage's output, and the command with those paths in it. */
export function places() {
  const pathOf = (stage) => `out/${typeof stage === 'string' ? stage : stage.name}.txt`;
  return {
    pathOf,
    commandOf: (stage) => stage.command({ input: pathOf, output: pathOf(stage) }),
  };
}

/** @returns {Stage[]} copies of one small file, none of which needs another. */
export function copies(count) {
  return Array.from({ length: count }, (_, index) => ({
    name: `copy-${index}`,
    sources: ['in.txt'],
    needs: [],
    command: ({ output }) => `cp in.txt ${output}`,
  }));
}

/** @returns {Stage[]} each the copy of the one before. */
export function chain(count) {
  return Array.from({ length: count }, (_, index) => ({
    name: `link-${index}`,
    sources: index === 0 ? ['in.txt'] : [],
    needs: index === 0 ? [] : [`link-${index - 1}`],
    command: ({ input, output }) => `cp ${index === 0 ? 'in.txt' : input(`link-${index - 1}`)} ${output}`,
  }));
}
