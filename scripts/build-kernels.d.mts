export function buildKernels(outFile: string): Promise<void>;
export function writeEngineSources(outFile: string, engines: readonly string[]): Promise<void>;
