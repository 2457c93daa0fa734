// What is timed, and how far below the fastest peer it shall be (bar) and could be (moonshot).

/** 637 images train in the study; the other two splits are as large as each other. */
export const SPLITS = { train: 637, val: 137, test: 136 };
export const CLUSTERS = 3;

const step = (batch, more = {}) => ({
  kind: 'step',
  network: 'study',
  batch,
  loss: 'reconstruction',
  clusters: CLUSTERS,
  ...more,
});

/** `ours`: which contestant's time is the row's own; the others of clade's are shown beside. */
export const ROWS = [
  { name: 'step, batch 12', work: step(12), bar: 0.6, moonshot: 0.45 },
  { name: 'step, batch 64', work: step(64), bar: 0.6, moonshot: 0.5 },
  { name: 'step, batch 256', work: step(256), bar: 0.65, moonshot: 0.55 },
  { name: 'DEC step, batch 32', work: step(32, { loss: 'dec' }), bar: 0.6, moonshot: 0.45 },
  { name: 'DCEC step, batch 32', work: step(32, { loss: 'dcec' }), bar: 0.6, moonshot: 0.45 },
  {
    name: 'pretraining epoch, 637 images, batch 12, with validation',
    work: { kind: 'epoch', network: 'study', batch: 12, ...SPLITS },
    bar: 0.6,
    moonshot: 0.45,
  },
  {
    name: "MNIST's network, step, batch 256",
    work: step(256, { network: 'mnist' }),
    bar: 0.7,
    moonshot: 0.5,
  },
  { name: 'step, batch 64, through tfjs', work: step(64), ours: 'tfjs', bar: 1, moonshot: 0.7 },
  { name: 'step, batch 12, two cores', work: step(12), cores: 2, bar: 0.6, moonshot: 0.45 },
  { name: 'step, batch 64, two cores', work: step(64), cores: 2, bar: 0.6, moonshot: 0.45 },
  { name: 'step, batch 256, two cores', work: step(256), cores: 2, bar: 0.6, moonshot: 0.45 },
  { name: 'thesis pipeline, d = 3, fresh process', pipeline: true, bar: 0.65, moonshot: 0.5 },
];
