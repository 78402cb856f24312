/// <reference types="vitest/config" />
import { existsSync, readFileSync } from "node:fs";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const here = (path: string) => new URL(path, import.meta.url).pathname;
const backend = { target: "http://127.0.0.1:8000", changeOrigin: false };

/** Fails the build when a Mantine component in use has no line in src/app/styles.ts. */
function stylesAreComplete(): Plugin {
  return {
    name: "styles-are-complete",
    generateBundle(_, bundle) {
      const listed = readFileSync(here("./src/app/styles.ts"), "utf8");
      const modules = Object.values(bundle).flatMap((chunk) =>
        "modules" in chunk ? Object.entries(chunk.modules) : [],
      );
      const rendered = modules.filter(([, module]) => module.renderedLength > 0).map(([id]) => id);
      const used = rendered.flatMap((id) => /@mantine\/core\/esm\/components\/(\w+)\//.exec(id)?.[1] ?? []);
      const hasStyles = (name: string) => existsSync(here(`./node_modules/@mantine/core/styles/${name}.css`));
      const missing = [...new Set(used)].filter((name) => hasStyles(name) && !listed.includes(`/${name}.css`));
      if (missing.length > 0) this.error(`src/app/styles.ts lacks ${missing.join(", ")}`);
    },
  };
}

const groups = [
  {
    name: "framework",
    test: /node_modules\/(react|react-dom|scheduler|@tanstack|i18next|react-i18next|openapi-fetch|use-sync-external-store)\//,
  },
  // What most pages use travels once and together; the rest stays with the pages that need it.
  // Small ones that every page with work on it needs.
  { name: "keyboard", test: /src\/shared\/hooks\/(chosenKeys|commands|keys|shortcutSheet|useActiveSeconds)\.ts/ },
  { name: "interface", test: /@mantine|@floating-ui|src\/shared\//, minShareCount: 20 },
];

export default defineConfig({
  plugins: [react(), stylesAreComplete()],
  resolve: { alias: { "@": here("./src") } },
  server: { proxy: { "/api": backend, "/_allauth": backend } },
  build: {
    manifest: true,
    // No data: URLs: the content security policy allows files of this site only.
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups } } },
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/shared/testing/setup.ts"],
    css: false,
    restoreMocks: true,
    maxWorkers: 2,
    // A busy two-core machine needs several times what an idle one does.
    testTimeout: 20_000,
  },
});
