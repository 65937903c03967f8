// Medians and how to write numbers.

// Of at least one number: {median, min, p95, runs}.
export function summary(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  const p95 = sorted[Math.ceil(sorted.length * 0.95) - 1];
  return { median, min: sorted[0], p95, runs: sorted.length };
}

// Three digits that count, thousands apart: 0.123, 12.3, 1,234.
export function short(number) {
  const size = Math.abs(number);
  if (size >= 100) return Math.round(number).toLocaleString('en-US');
  return number.toFixed(size >= 10 ? 1 : 2);
}

export function spread(figures) {
  return `${short(figures.median)} (${short(figures.min)}–${short(figures.p95)})`;
}

// How many times slower `other` is than `ours`.
export function ratio(other, ours) {
  return other / Math.max(ours, 0.001);
}
