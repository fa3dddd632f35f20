// Times rivals in turn within one process, so that all of them see the same machine.

const ROUNDS = 11;
const TARGET_NS = 20_000_000;

async function timed(rival, count) {
  const { call, later } = rival;
  const start = process.hrtime.bigint();
  if (later) for (let index = 0; index < count; index += 1) await call();
  else for (let index = 0; index < count; index += 1) call();
  return Number(process.hrtime.bigint() - start);
}

/** Nanoseconds for one call of each rival: median, min and max of interleaved rounds. */
export async function measure(rivals) {
  for (const rival of rivals) {
    rival.count = 1;
    for (let spent = 0; spent < TARGET_NS / 2; ) {
      rival.count *= 2;
      spent = await timed(rival, rival.count);
    }
    rival.rounds = [];
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const rival of rivals) rival.rounds.push((await timed(rival, rival.count)) / rival.count);
  }
  return rivals.map(({ name, rounds }) => {
    const sorted = rounds.toSorted((a, b) => a - b);
    return { name, median: sorted[(sorted.length - 1) / 2], min: sorted[0], max: sorted.at(-1) };
  });
}

const micros = (nanoseconds) => (nanoseconds / 1000).toFixed(nanoseconds < 10_000 ? 2 : 1);

/** One Markdown table: the first rival is ours, ratios are how many times slower the others are. */
export function table(title, results) {
  const ours = results[0].median;
  const rows = results.map(
    ({ name, median, min, max }) => `| ${name} | ${micros(median)} | ${micros(min)}–${micros(max)} | ${(median / ours).toFixed(2)} |`,
  );
  return [`| ${title} | median µs | min–max | × ours |`, "|---|---|---|---|", ...rows].join("\n");
}
