export function makeRun(artifacts: string, options: { points: number; id?: string }): void;
