/** INTERFACE, "Exit status". */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  damage: 3,
  interrupted: 130,
  terminated: 143,
} as const;
