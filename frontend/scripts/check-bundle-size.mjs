// Fails when what a first visit loads (HTML, scripts, styles, the language catalogue and the page) exceeds the limit.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const ALWAYS = ["index.html", "src/shared/i18n/en.json"];
const FIRST_LOAD_BYTES = 250_000;
const CLAIM = "src/app/routes/ClaimPage.tsx";
const LIMITS = [
  { pages: ["src/app/routes/SignInPage.tsx"], limit: FIRST_LOAD_BYTES },
  { pages: ["src/app/routes/WorkPage.tsx"], limit: FIRST_LOAD_BYTES },
  // Opened from My work, which has fetched all but Markdown and dragging by then; whole only after a reload.
  { pages: [CLAIM, "src/features/work/writing/DemonstrationDesk.tsx"], limit: 325_000 },
  { pages: [CLAIM, "src/features/work/ranking/RankingDesk.tsx"], limit: 350_000 },
];

const dist = new URL("../dist/", import.meta.url);
const manifest = JSON.parse(readFileSync(new URL(".vite/manifest.json", dist), "utf8"));
const gzipped = (file) => gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length;

function filesOf(key, found = new Set()) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`${key} is not in the build: correct the list in this script.`);
  if (found.has(chunk.file)) return found;
  [chunk.file, ...(chunk.css ?? [])].forEach((file) => found.add(file));
  (chunk.imports ?? []).forEach((key) => filesOf(key, found));
  return found;
}

let failed = false;
for (const { pages, limit } of LIMITS) {
  const files = new Set(["index.html", "assets/color-scheme.js"]);
  for (const key of [...ALWAYS, ...pages]) filesOf(key).forEach((file) => files.add(file));
  const bytes = [...files].reduce((sum, file) => sum + gzipped(file), 0);
  const name = pages.at(-1).split("/").at(-1).replace(".tsx", "");
  console.log(
    `${name.padEnd(18)} ${(bytes / 1000).toFixed(1)} kB gzipped in ${files.size} files (limit ${limit / 1000})`,
  );
  failed ||= bytes > limit;
}
if (failed) {
  console.error("The first load is over the limit: split a route or drop a dependency.");
  process.exit(1);
}
