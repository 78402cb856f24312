/** The keys of flags, in the order of the flags. Left out: what the desk itself listens for (s skips, g opens the guideline, n goes to the reason, p folds the prompt). */
export const FLAG_KEYS: readonly string[] = "q w e r t y u i o a d f h j k l z x c v b m".split(" ");

/** The keys of a list's first ten entries: as on the row of digits. */
export const DIGIT_KEYS: readonly string[] = "1 2 3 4 5 6 7 8 9 0".split(" ");
