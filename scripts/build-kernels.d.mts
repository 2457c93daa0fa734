export function buildKernels(outFile: string): Promise<void>;
