import type { ValidateFunction } from 'ajv';

/**
 * Validators by their schema's text (`schemaText`), compiled beforehand. Here there are none; the build puts
 * in their place those of the pipeline's form and of our own stages' parameters (scripts/build-validators.mjs),
 * so that a run need not load a compiler of schemas to read a file without faults.
 */
export const KNOWN_VALIDATORS: ReadonlyMap<string, ValidateFunction> = new Map();
