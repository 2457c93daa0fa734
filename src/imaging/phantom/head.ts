import type { Random } from '../../core/random.ts';
import { type Ellipsoid, ellipsoid, isInside, type Place } from './ellipsoid.ts';
import { createSmoothField, type SmoothField } from './smooth-field.ts';

export const TISSUES = [
  'air',
  'skin',
  'fat',
  'muscle',
  'bone',
  'marrow',
  'csf',
  'grey',
  'white',
  'deep',
  'eye',
] as const;
export type Tissue = (typeof TISSUES)[number];

/** What differs from head to head; millimetres. */
export interface Head {
  /** Outer half axes, sideways, to the front and up; the origin lies between the ventricles. */
  readonly radius: readonly [x: number, y: number, z: number];
  readonly scalpMm: number;
  readonly skullMm: number;
  /** Fluid between skull and brain. */
  readonly marginMm: number;
  /** How deep folds reach. */
  readonly sulcusMm: number;
  /** Half the width of a fold, in units of the field. */
  readonly sulcusWidth: number;
  /** Ventricles and cisterns. */
  readonly fluid: readonly Ellipsoid[];
  /** Basal ganglia and thalamus. */
  readonly nuclei: readonly Ellipsoid[];
  readonly folds: SmoothField;
  /** Of cerebellum and air cells. */
  readonly fineFolds: SmoothField;
}

/** A place as `Place`, and on which side it is: folds are not symmetric. */
interface SidedPlace extends Place {
  readonly x: number;
}

/** Sizes spread about those of adults (outer 152 × 190 mm, skull 5 to 9 mm). */
export function createHead(random: Random): Head {
  const size = 1 + 0.06 * bounded(random);
  const ventricles = 0.75 + 0.7 * random.next();
  return {
    radius: [
      76 * size * (1 + 0.05 * bounded(random)),
      95 * size * (1 + 0.05 * bounded(random)),
      104 * size * (1 + 0.04 * bounded(random)),
    ],
    scalpMm: 4 + 3 * random.next(),
    skullMm: 5 + 4 * random.next(),
    marginMm: 1.5 + 2.5 * random.next(),
    sulcusMm: 16 + 9 * random.next(),
    sulcusWidth: 0.1 + 0.15 * random.next(),
    fluid: createFluid(ventricles),
    nuclei: [
      ellipsoid([11 + 3 * ventricles, 16, 10], [5, 12, 11]), // caudate
      ellipsoid([10, -10, 5], [8, 14, 9]), // thalamus
      ellipsoid([25.5, 4, 2], [6, 16, 10], { lean: -0.25 }), // lentiform
    ],
    folds: createSmoothField(random, 30, 7),
    fineFolds: createSmoothField(random, 11, 5),
  };
}

/** @param v size of the ventricles, 1 is usual. */
function createFluid(v: number): Ellipsoid[] {
  return [
    ellipsoid([9, 20, 10], [4.5 * v, 15 * v, 8 * v], { lean: 0.25 }), // frontal horns
    ellipsoid([10, -8, 19], [5.5 * v, 27 * v, 6.5 * v], { lean: -0.12 }), // bodies
    ellipsoid([19.6, -34, 8], [5 * v, 17 * v, 8 * v], { lean: -0.3 }), // occipital horns
    ellipsoid([0, -4, 0], [1.8 * v, 12, 9]), // third ventricle
    ellipsoid([0, 2, -22], [11, 10, 6]), // suprasellar cistern
    ellipsoid([0, -34, -6], [12, 6, 7]), // quadrigeminal cistern
  ];
}

const NOSE = ellipsoid([0, 88, -48], [10, 18, 18]);
const EYE = ellipsoid([29, 64, -34], [12, 12, 12]);
const OPTIC_NERVE = ellipsoid([26, 45, -34], [3, 18, 3]);
const EYE_MUSCLES = [ellipsoid([31, 54, -35], [3, 24, 14]), ellipsoid([19, 52, -35], [2.5, 20, 12])];
const ORBIT = ellipsoid([26, 54, -34], [16, 27, 15]);
const ORBIT_WALL = ellipsoid([27, 54, -36], [20, 31, 19]);
const ETHMOID = ellipsoid([0, 56, -38], [10, 26, 16]);
const ETHMOID_WALL = ellipsoid([0, 56, -40], [13, 30, 20]);
const MAXILLARY_SINUS = ellipsoid([26, 54, -64], [15, 18, 16]);
const MASTOID = ellipsoid([54, -26, -42], [13, 16, 15]);
const PETROUS_RIDGE = ellipsoid([38, -21, -37], [22, 8, 9], { slant: -0.55 });
const SPHENOID_SINUS = ellipsoid([0, 26, -36], [11, 10, 9]);
const SPHENOID = ellipsoid([0, 22, -37], [16, 17, 14]);
const FOURTH_VENTRICLE = ellipsoid([0, -38, -36], [5, 6, 9]);
const BRAIN_STEM = ellipsoid([0, -21, -34], [15, 14, 30]);
const STEM_CISTERNS = ellipsoid([0, -22, -34], [24, 19, 32]);
const CEREBELLAR_CORE = ellipsoid([19, -50, -42], [12, 11, 11]);

/**
 * What lies at a place.
 * @param at millimetres; x to one side, y to the front, z up.
 */
export function tissueAt(
  head: Head,
  at: { readonly x: number; readonly y: number; readonly z: number },
): Tissue {
  // Anatomy is written down for a head of 76 × 95 × 104 mm; only layers keep their thickness.
  const x = (at.x * 76) / head.radius[0];
  const y = (at.y * 95) / head.radius[1];
  const z = (at.z * 104) / head.radius[2];
  const place = { x, side: Math.abs(x), y, z };
  const depth = depthBelowSurface(place);
  if (depth < 0) return isInside(NOSE, place) ? 'skin' : 'air';
  if (depth < 1.5) return 'skin';
  if (depth < head.scalpMm - 1) return 'fat';
  const scalpMm = head.scalpMm + temporalMuscleMm(place);
  if (depth < scalpMm) return 'muscle';
  const face = faceDepth(place);
  if (face > 0) return faceTissue(head, place, face);
  const depthInBone = depth - scalpMm;
  if (depthInBone < head.skullMm) {
    const isMiddle = Math.abs(depthInBone / head.skullMm - 0.5) < 0.17;
    return isMiddle ? 'marrow' : 'bone';
  }
  return (
    skullBaseTissue(head, place, face) ?? brainTissue(head, place, depthInBone - head.skullMm - head.marginMm)
  );
}

/** Along the ray from the origin; negative outside. The head is egg-shaped, narrower in front. */
function depthBelowSurface({ side, y, z }: Place): number {
  const wide = side / (1 - 0.1 * (y / 95));
  const rho = Math.sqrt((wide * wide) / 5776 + (y * y) / 9025 + (z * z) / 10816);
  if (rho === 0) return 76;
  return Math.sqrt(side * side + y * y + z * z) * (1 / rho - 1);
}

/** The temporal muscle thickens the scalp at the sides, below the level of the ventricles. */
function temporalMuscleMm({ side, y, z }: Place): number {
  const along = (y - 22) / 32;
  const below = Math.min(1, Math.max(0, (18 - z) / 30));
  return 7 * Math.max(0, 1 - along * along) * below * (side / 76);
}

/** Depth below the floor of the anterior fossa, behind which the face begins; negative in the cranium. */
function faceDepth({ side, y, z }: Place): number {
  const acrossOrbit = (side - 28) / 20;
  const alongOrbit = (y - 58) / 30;
  const roof = 9 * Math.max(0, 1 - acrossOrbit * acrossOrbit - alongOrbit * alongOrbit);
  return Math.min(y - 36 + 0.35 * side, roof - 27 - z);
}

function faceTissue(head: Head, place: SidedPlace, depth: number): Tissue {
  if (isInside(EYE, place)) return 'eye';
  if (isInside(OPTIC_NERVE, place)) return 'white';
  if (EYE_MUSCLES.some((muscle) => isInside(muscle, place))) return 'muscle';
  if (isInside(ORBIT, place)) return 'fat';
  if (isInside(ETHMOID, place)) return head.fineFolds(place.x, place.y, place.z) > -0.35 ? 'air' : 'bone';
  if (isInside(MAXILLARY_SINUS, place)) return 'air';
  const isWall = depth < 1.5 || isInside(ORBIT_WALL, place) || isInside(ETHMOID_WALL, place);
  return isWall ? 'bone' : 'muscle';
}

/** Bone and air cells below the brain; null where there is brain. */
function skullBaseTissue(head: Head, place: SidedPlace, faceDepthMm: number): Tissue | null {
  if (isInside(MASTOID, place)) return head.fineFolds(place.x, place.y, place.z) > 0.25 ? 'air' : 'bone';
  if (isInside(PETROUS_RIDGE, place)) return 'bone';
  if (isInside(SPHENOID_SINUS, place)) return 'air';
  if (isInside(SPHENOID, place)) return 'bone';
  return place.side < 45 && faceDepthMm > -1.2 ? 'bone' : null;
}

/** @param depth below the surface of the brain, negative in the fluid around it. */
function brainTissue(head: Head, place: SidedPlace, depth: number): Tissue {
  const { side, x, y, z } = place;
  if (depth < 0) return 'csf';
  if (depth > 8) {
    if (head.fluid.some((shape) => isInside(shape, place))) return 'csf';
    if (head.nuclei.some((shape) => isInside(shape, place))) return 'deep';
    if (isInsula(place)) return 'grey';
  }
  // The tentorium rises to the front and, like a tent, to the middle.
  const belowTentorium = 0.4 * (y + 80) - 16 - 0.009 * side * side - z;
  if (y < -12 && belowTentorium > 0) return belowTentorium < 1 ? 'csf' : hindbrainTissue(head, place);
  const isMidline = z > -14 && depth < 24 - 0.1 * y;
  if (isMidline && side < 1.3) return 'csf';
  if (isLateralFissure(place)) return 'csf';
  const fold = Math.abs(head.folds(x, y, z));
  if (depth < head.sulcusMm && fold < head.sulcusWidth * (1 - depth / (1.6 * head.sulcusMm))) return 'csf';
  const isFolded = depth < head.sulcusMm + 4 && fold < head.sulcusWidth + 0.4;
  return depth < 3.2 || isFolded || (isMidline && side < 4.5) ? 'grey' : 'white';
}

function isInsula({ side, y, z }: Place): boolean {
  return side > 33 && side < 36.5 && y > -16 && y < 26 && z > -12 && z < 16;
}

/** Divides the temporal lobe from the rest. */
function isLateralFissure({ side, y, z }: Place): boolean {
  return side > 32 && y > -25 && y < 32 && Math.abs(z + 4 - 0.35 * (y - 10)) < 1.6;
}

/** Cerebellum and brain stem with the fluid around them. */
function hindbrainTissue(head: Head, place: SidedPlace): Tissue {
  if (isInside(FOURTH_VENTRICLE, place)) return 'csf';
  if (isInside(BRAIN_STEM, place)) return 'white';
  if (isInside(STEM_CISTERNS, place)) return 'csf';
  if (place.side < 1.5 && place.y < -72) return 'csf'; // between the halves
  if (isInside(CEREBELLAR_CORE, place)) return 'white';
  return Math.abs(head.fineFolds(place.x, place.y, place.z)) < 0.55 ? 'grey' : 'white';
}

/** Normal, but never beyond 1.8 deviations: no subject is a monster. */
function bounded(random: Random): number {
  return Math.min(1.8, Math.max(-1.8, random.normal()));
}
