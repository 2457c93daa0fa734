/**
 * What a stage in a folder of the user's imports as `clade/stage`: the types of a declaration and of what a
 * run gets, `fail`, and readers and writers of what stages hand on to one another. Stable: docs/own-stages.md.
 */
export type { Item, ItemArtifact, Metric, Progress } from '../core/artifact.ts';
export type {
  InputDeclaration,
  MetricDeclaration,
  OutputDeclaration,
  ParameterAnnotations,
  ParameterSchema,
  SourceDeclaration,
} from '../core/declaration.ts';
export type { FailureReason } from '../core/failure.ts';
export { fail } from '../core/failure.ts';
export type { Json, JsonObject } from '../core/json.ts';
export type { Network } from '../core/network.ts';
export type { OwnStageDeclaration as StageDeclaration } from '../core/own-stage.ts';
export type { Random } from '../core/random.ts';
export type {
  Checkpoints,
  CollectedInput,
  MappedStage,
  SourceReader,
  StageContext,
  StageResult,
  StageRun,
} from '../core/stage.ts';
export type { Engine, Trainable } from '../core/trainable.ts';
export {
  readArtifactFile,
  readJsonFile,
  writeArtifactFile,
  writeJsonFile,
} from '../formats/artifact-file.ts';
export { readClusteredModel } from '../formats/clustering.ts';
export { columnIndex, readCsv, writeCsv } from '../formats/csv.ts';
export { readDataset, readDatasetInfo, writeDataset } from '../formats/dataset.ts';
export { imageIds, iterateImages, readImageSet, readImages, writeImageSet } from '../formats/image-set.ts';
export { writeMetrics } from '../formats/metrics-file.ts';
export { readModel, writeModel } from '../formats/model.ts';
export { readNpy, readNpyAs, writeNpy } from '../formats/npy.ts';
export { readColourPng, readPng, writePng } from '../formats/png.ts';
export {
  joinById,
  readColumn,
  readIndex,
  readLabels,
  writeColumn,
  writeIndex,
  writeLabels,
} from '../formats/tables.ts';
