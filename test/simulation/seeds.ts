/** Seeds that every test run simulates: the first few, more with preemption, and each that once found a defect. */
export const seeds: readonly number[] = [1, 2, 3, 4, 7, 8, 9, 11, 15, 29, 82, 105]
