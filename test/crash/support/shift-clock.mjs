// Loaded before a command (`--import`): its wall clock is wrong by so much; that of the file system is not.
const RealDate = Date;
const shiftMs = Number(process.env.SHIFT_CLOCK_MS ?? 0);

globalThis.Date = class extends RealDate {
  constructor(...given) {
    super(...(given.length === 0 ? [RealDate.now() + shiftMs] : given));
  }

  static now() {
    return RealDate.now() + shiftMs;
  }
};
